"""The programs that peers need around them, and the script that installs the peers."""
