#!/bin/sh
# $1 a folder: the devices in it, ended by NUL each.
find "$1" \( -type b -o -type c \) -printf '%P\0'
