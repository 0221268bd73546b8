"""The same steps by hand: the command `cchc`."""
