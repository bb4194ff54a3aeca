#!/bin/sh
. ./collect-links.sh
sweep
