"""Compares an original with a picture generated from it: is the background right, is the product the same?"""
