"""How money, time and states are set on a page: the words, the tones, the drawings. Reads no database."""
