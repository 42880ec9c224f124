"""What menus and keys do: one module per menu, each a mapping from the ids of scs_ui.state.keys to functions."""
