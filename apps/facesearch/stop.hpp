// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch::app {

/// From now on the first SIGINT or SIGTERM is only remembered, so that long work can end cleanly; the second
/// ends the process at once, with the status of an interruption.
void stop_cleanly();

/// True once one came.
bool asked_to_stop();

}  // namespace facesearch::app
