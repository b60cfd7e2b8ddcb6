"""The programs that the compared servers need, and the script that installs those servers."""
