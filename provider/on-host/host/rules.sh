# Part: what a firewall's rules say of packets that begin a connection. Each firewall's own text becomes
# lines "VERDICT SURE IN OUT FROM TO PROTOCOL PORTS", in order and with the policy last. A verdict is
# accept, drop, or ? for one that is elsewhere, as behind a jump; SURE is 0 where more is asked of
# packets than is read here. A field is *, or a list that may begin with "!".

# $1 the device that packets come in by, $2 the one that they go out by, $3 and $4 addresses they come
# from and go to, $5 protocol, $6 port; ? where that is not known, and * for packets of all kinds, of
# which a rule for some decides nothing. Says yes where they get through, no where not, and unread
# where what is not understood may decide.
lets_in() {
  awk -v want="$*" '
    function number(address, part) {
      split(address, part, ".")
      return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
    }
    function holds(net, address, part, size) {
      if (net ~ /^[0-9.]+-[0-9.]+$/) {
        split(net, part, "-")
        return number(part[1]) <= number(address) && number(address) <= number(part[2])
      }
      if (net ~ /:/ && net !~ /[^0-9a-fA-F:.\/]/) return 0
      if (net !~ /^[0-9.]+(\/[0-9]+)?$/) return -1
      if (split(net, part, "/") == 1) part[2] = 32
      # Without "^", which not every busybox has.
      for (size = 1; part[2] < 32; part[2]++) size *= 2
      return int(number(part[1]) / size) == int(number(address) / size)
    }
    function is(field, item, value, part) {
      if (item ~ /^@/) return -1
      if (field <= 2) return sub(/[+*]$/, "", item) ? index(value, item) == 1 : value == item
      if (field <= 4) return holds(item, value)
      if (field == 5) return item == value || item == (value == "tcp" ? 6 : 17) || item == "all"
      if (item !~ /^[0-9]+(-[0-9]+)?$/) return -1
      if (split(item, part, "-") == 1) part[2] = part[1]
      return part[1] + 0 <= value + 0 && value + 0 <= part[2] + 0
    }
    function fits(field, list, value, not, items, count, at, found, one) {
      if (list == "*") return 1
      if (value == "*") return 0
      if (value == "?") return -1
      not = sub(/^!/, "", list)
      count = split(list, items, ",")
      for (at = 1; at <= count; at++) {
        one = is(field, items[at], value)
        if (one == 1) return !not
        if (one == -1) found = -1
      }
      return found == -1 ? -1 : not
    }
    BEGIN { split(want, wanted, " ") }
    {
      sure = $2
      for (field = 1; field <= 6; field++) {
        fit = fits(field, $(field + 2), wanted[field])
        if (fit == 0) next
        if (fit == -1) sure = 0
      }
      may[$1] = 1
      if (sure) exit
    }
    END {
      answer = "yes"
      if ("drop" in may) answer = "no"
      if (("?" in may) || (("accept" in may) && ("drop" in may))) answer = "unread"
      print answer
    }
  '
}

# What `iptables -S CHAIN` says.
rules_of_iptables() {
  awk '
    BEGIN { policy = "accept" }
    $1 == "-P" { policy = $3 == "ACCEPT" ? "accept" : "drop" }
    $1 != "-A" { next }
    {
      gsub(/ --comment ("([^"\\]|\\.)*"|[^ ]+)/, "")
      sure = 1; in_ = out = from = to = protocol = ports = "*"; verdict = not = ""
      for (at = 3; at <= NF; at++) {
        word = $at
        if (word == "!") { not = "!"; continue }
        value = not $(++at)
        if (word == "-i") in_ = value
        else if (word == "-o") out = value
        else if (word == "-s") from = value
        else if (word == "-d") to = value
        else if (word == "-p") protocol = value
        else if (word ~ /^--dports?$/) { gsub(/:/, "-", value); ports = value }
        else if (word ~ /^--(ct)?state$/) { if ((value ~ /NEW/) == (not != "")) next }
        else if (word == "-j") { verdict = value; break }
        else if (word == "-g") { verdict = "?"; break }
        else if (word != "-m" || value !~ /^(tcp|udp|multiport|comment|conntrack|state)$/) { sure = 0; at-- }
        not = ""
      }
      if (verdict ~ /^(|LOG|NFLOG|MARK|CONNMARK)$/) next
      verdict = verdict == "ACCEPT" ? "accept" : verdict ~ /^(DROP|REJECT)$/ ? "drop" : verdict == "RETURN" ? policy : "?"
      print verdict, sure, in_, out, from, to, protocol, ports
    }
    END { print policy, 1, "*", "*", "*", "*", "*", "*" }
  '
}

# What `nft list chain` says.
rules_of_nft() {
  awk '
    # A map of verdicts is found where it stands.
    function value() {
      if ($(at + 1) == "vmap") return "*"
      if ($(at + 1) != "!=") return $(++at)
      at += 2
      return "!" $at
    }
    BEGIN { policy = "accept" }
    /^[ \t]*(table|chain) .*[{]$/ || /^[ \t]*[}]?$/ { next }
    /hook .* priority / { if (/policy drop/) policy = "drop"; next }
    {
      $0 = " " $0
      gsub(/[ \t]+/, " ")
      # First what a user wrote, which may hold anything.
      gsub(/ comment "[^"]*"/, "")
      gsub(/ log( (prefix|level|group|snaplen) ("[^"]*"|[^ ]+))*/, "")
      line = line $0
      if (gsub(/[{]/, "{", line) > gsub(/[}]/, "}", line)) next
      $0 = line; line = ""
      # Fields that are looked at together, and none of them alone.
      if (/ [.] /) {
        if (/ (accept|drop|reject|return|jump|goto|queue|vmap)/) print "?", 0, "*", "*", "*", "*", "*", "*"
        next
      }
      gsub(/ counter( packets [0-9]+ bytes [0-9]+)?/, "")
      gsub(/"/, ""); gsub(/[{] */, ""); gsub(/ *[}]/, ""); gsub(/ *, */, ","); gsub(/ : /, ":")
      sure = 1; in_ = out = from = to = protocol = ports = "*"; verdict = ""
      for (at = 1; at <= NF; at++) {
        word = $at; next_ = $(at + 1)
        if (word ~ /^(ip6|icmpv6|arp)$/) next
        if (word ~ /^iif(name)?$/) in_ = value()
        else if (word ~ /^oif(name)?$/) out = value()
        else if (word ~ /^(tcp|udp|th)$/) {
          if (word != "th") protocol = word
          if (next_ == "dport") { at++; ports = value() } else sure = 0
        }
        else if (word == "icmp") protocol = word
        else if (word == "ip" && next_ == "saddr") { at++; from = value() }
        else if (word == "ip" && next_ == "daddr") { at++; to = value() }
        else if (word " " next_ ~ /^(ip protocol|meta l4proto)$/) { at++; protocol = value() }
        else if (word " " next_ ~ /^meta (nfproto|protocol)$/) { at++; if (value() ~ /^(ipv6|ip6|!ipv4|!ip)$/) next }
        else if (word " " next_ == "ct state") {
          at++
          if ($(at + 1) == "vmap") { if ($(at + 2) !~ /new/) next; verdict = "?"; break }
          states = value()
          if ((states ~ /new/) == (states ~ /^!/)) next
        }
        else if (word == "accept") { verdict = "accept"; break }
        else if (word ~ /^(drop|reject)$/) { verdict = "drop"; break }
        else if (word == "return") { verdict = policy; break }
        else if (word ~ /^(jump|goto|queue|vmap)$/) { verdict = "?"; break }
        else sure = 0
      }
      if (verdict != "") print verdict, sure, in_, out, from, to, protocol, ports
    }
    END {
      if (line != "") print "?", 0, "*", "*", "*", "*", "*", "*"
      print policy, 1, "*", "*", "*", "*", "*", "*"
    }
  '
}

# What `ufw status verbose` says, of what comes in.
rules_of_ufw() {
  awk '
    function look(text) {
      gsub(/\([^)]*\)/, "", text)
      device = address = port = "*"
      if (match(text, / on [^ ]+/)) {
        device = substr(text, RSTART + 4, RLENGTH - 4)
        text = substr(text, 1, RSTART - 1)
      }
      if (match(text, /\/[a-z][a-z0-9]*/)) {
        protocol = substr(text, RSTART + 1, RLENGTH - 1)
        text = substr(text, 1, RSTART - 1)
      }
      count = split(text, words, " ")
      for (at = 1; at <= count; at++) {
        if (words[at] ~ /^[0-9]+\.[0-9.]+(\/[0-9]+)?$/) address = words[at]
        else if (words[at] ~ /^[0-9][0-9:,]*$/) { port = words[at]; gsub(/:/, "-", port) }
        else if (words[at] != "Anywhere") sure = 0
      }
    }
    BEGIN { policy = "drop" }
    /^Default: *allow \(incoming\)/ { policy = "accept" }
    { sub(/ #.*/, "") }
    /\(v6\)|::/ || !match($0, / (ALLOW|DENY|REJECT|LIMIT)( (IN|OUT|FWD))? +/) { next }
    {
      action = substr($0, RSTART, RLENGTH); left = substr($0, 1, RSTART); right = substr($0, RSTART + RLENGTH)
      if (action ~ /OUT|FWD/) next
      sure = 1; protocol = "*"
      look(left); in_ = device; to = address; ports = port
      look(right); if (port != "*") sure = 0
      print (action ~ /ALLOW|LIMIT/ ? "accept" : "drop"), sure, in_, "*", address, to, protocol, ports
    }
    END { print policy, 1, "*", "*", "*", "*", "*", "*" }
  '
}
