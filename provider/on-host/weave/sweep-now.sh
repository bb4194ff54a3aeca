#!/bin/sh
. ./sweep.sh
sweep
