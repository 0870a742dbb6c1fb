"""The vocabulary of py-orc: frozen values and contracts, without I/O."""
