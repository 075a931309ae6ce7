"""The workbench, pure: what a portal was at its checkpoints, and what was changed since."""
