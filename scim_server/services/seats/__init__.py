"""The seat gate: admission, queue, automatic purchases and refusals."""
