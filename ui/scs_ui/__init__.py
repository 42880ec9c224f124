"""The faces of scs-sim: the desktop app (PySide6, pyqtgraph) on the real engine.

`state` knows no Qt: what the user edits, what the engine answered, what each panel is to show. `widgets` paint it.
"""
