"""Pages for those who build the house: the gallery of components, and the mail that would have been sent."""
