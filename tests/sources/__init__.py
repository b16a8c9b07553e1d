"""Every kind of source: what becomes of it, seen in Chromium and measured in what is published.

card    the clip that all of them are made of: colours, a corner mark, a flash and a beep each second
row     what a kind of source is, and what must be seen and heard of it
rows    all of them
stream  what a published stream shows and sounds like, decoded
cinema  what Chromium shows of it
table   docs/reference/sources.md, from the rows
"""
