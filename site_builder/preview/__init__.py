"""The local preview: watch the files, build again, tell the browser.

watch → settle (is there something to build?) → worker (build) → hub → server → browser.
"""
