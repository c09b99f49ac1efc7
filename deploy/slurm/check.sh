# shellcheck shell=sh
# Read by healthcheck and prolog, with $here set to the folder of the settings.

# shellcheck source=deploy/slurm/msprecheck.conf disable=SC2154
. "$here/msprecheck.conf"
node=${SLURMD_NODENAME:-$(hostname -s)}
ours="msprecheck:"   # how the reason of a node begins that was drained here

# Tells the system log and slurmd.
say() {
  echo "msprecheck: $node: $*" >&2
  logger -t msprecheck "$node: $*" 2>/dev/null || true
}

# Takes the TAP report on standard input to the rules that decide: the first three that failed, and how many more. Where
# none failed, those that could not be checked.
deciding_rules() {
  awk '
    /^not ok / { rule = / # TODO / ? "" : $5; next }
    /^  outcome: / && rule != "" {
      kind = ($2 == "unknown") ? "unknown" : "failed"
      if (!seen[rule]++ && ++count[kind] <= 3) list[kind] = list[kind] (count[kind] > 1 ? ", " : "") rule
      rule = ""
    }
    END {
      kind = count["failed"] ? "failed" : "unknown"
      if (count[kind] > 3) list[kind] = list[kind] " +" (count[kind] - 3)
      if (count[kind]) print (kind == "unknown" ? "cannot tell " : "") list[kind]
    }'
}

# Judges this node. Sets status, that of msprecheck, and reason, a line for the state of the node.
judge() {
  scratch=$(mktemp -d) || { status=3 reason="$ours no room for a temporary file"; return; }
  trap 'rm -rf "$scratch"' EXIT
  # shellcheck disable=SC2086  # the options are words
  timeout -k 5 "$MSPRECHECK_TIMEOUT" "$MSPRECHECK" precheck $MSPRECHECK_OPTIONS --lang en --format tap \
    >"$scratch/tap" 2>"$scratch/errors" </dev/null
  status=$?
  case $status in
    124 | 137) status=3 rules="no answer within $MSPRECHECK_TIMEOUT s" ;;
    12[89] | 1[3-9]? | 2??) rules="ended by signal $((status - 128))" status=3 ;;
    *) rules=$(deciding_rules <"$scratch/tap") ;;
  esac
  [ -n "$rules" ] || rules=$(tail -n 1 "$scratch/errors")
  reason="$ours $rules"
}

# Whether the status of msprecheck is one that drains.
drains() {
  case " $MSPRECHECK_DRAIN_ON " in *" $1 "*) true ;; *) false ;; esac
}

# Sets state and why, the reason, of this node as slurmctld knows them.
look_up_node() {
  line=$(scontrol --oneliner show node "$node") || return 1
  state=$(printf '%s\n' "$line" | sed -n 's/.* State=\([^ ]*\).*/\1/p')
  why=$(printf '%s\n' "$line" | sed -n 's/.* Reason=\(.*\) \[[^]]*@[^]]*\].*/\1/p')
}

# Drains this node with our reason; a node that somebody else drained keeps theirs.
drain() {
  look_up_node || return 1
  case $state in
    *DRAIN*)
      case $why in "$reason") return 0 ;; "$ours"*) ;; *) return 0 ;; esac ;;
  esac
  scontrol update NodeName="$node" State=DRAIN Reason="$reason" && say "drained: $reason"
}

# Resumes this node if it was drained here and is not down.
resume() {
  look_up_node || return 1
  case $state in *DOWN* | *FAIL*) return 0 ;; *DRAIN*) ;; *) return 0 ;; esac
  case $why in "$ours"*) ;; *) return 0 ;; esac
  scontrol update NodeName="$node" State=RESUME && say "resumed"
}
