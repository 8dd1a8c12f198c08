"""How each operation lab is done by clicking: one module a lab, with `click(desk, world) -> values`.

`values` are what a student types into the hand-in cells: item → Python expression.
"""
