# Part: sudo and sshd often leave these out, and weave is usually in the first.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"; export PATH
