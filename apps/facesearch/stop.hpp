// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch::app {

/// From now on the first SIGINT or SIGTERM only sets a flag, so that long work can end cleanly. The second
/// one ends the process at once with status 130.
void stop_cleanly();

/// True after the first signal.
bool asked_to_stop();

}  // namespace facesearch::app
