#!/bin/sh
# Prints what a function is started with: the request (Http_...), its name and its settings.
env | LC_ALL=C sort
