#!/bin/sh
# Prints "LINES WORDS BYTES" of the request's body.
wc | awk '{ print $1, $2, $3 }'
