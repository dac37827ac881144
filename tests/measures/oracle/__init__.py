"""The measures in plain Python, as slow and as obvious as their definitions: what the views are held against.

A measure is a function of a company's facts and of the time as of which it is asked; what came later does not count.
"""
