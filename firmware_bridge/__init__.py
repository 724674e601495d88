"""Everything that knows the glasses: link, wire protocol, device app, session and emulator.

This package knows nothing of speech, prices or maps. What other programs may use is what is exported here.
"""
