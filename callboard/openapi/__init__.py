"""The API as others read it: the document's words and examples, and the pages that show it to people."""
