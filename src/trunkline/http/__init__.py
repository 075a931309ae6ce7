"""What arrives and leaves."""
