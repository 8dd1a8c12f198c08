"""The course data: three shops and the pools of the Excel labs, with the program that wrote them."""
