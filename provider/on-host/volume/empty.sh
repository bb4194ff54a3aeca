#!/bin/sh
# $1 a folder: everything in it goes, the folder stays.
find "$1" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
