"""What py-orc costs, measured side by side with what the machine itself costs, in one run.

`make bench` prints the table. Every figure is a ratio to a raw limit taken in the same minute, because machines differ and
are busy; the tests of py-orc time nothing.
"""
