"""WordprocessingML read and laid out in lines: Word's measures in, markup for the page engine out."""
