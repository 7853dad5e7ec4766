# SPDX-License-Identifier: MIT
# The example of docs/cli/models.md: what is not installed yet, and the command that installs it.
facesearch doctor --json | jq -r '.packs[] | select(.name == "opencv-zoo") | .lacks[] | .what, .command'
