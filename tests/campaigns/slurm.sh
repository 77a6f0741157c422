#!/usr/bin/env bash
# One-node Slurm for tests, as root on Debian: no systemd, no cgroups, no accounting. Everything lies under $SLURM_TEST.
#   slurm.sh install | start | stop
set -euo pipefail
HERE=${SLURM_TEST:-/tmp/vhi-slurm}
NODE=$(hostname -s)
CONF=/etc/slurm/slurm.conf # where the srun within a job looks, whatever SLURM_CONF says
export SLURM_CONF=$HERE/slurm.conf
DAEMONS=(slurmd slurmctld munged)

running() { [[ -s $HERE/$1.pid ]] && kill -0 "$(<"$HERE/$1.pid")" 2>/dev/null; }

until_ok() { # until_ok SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until timeout 5 "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "slurm.sh: gave up on: $*" >&2; tail -n 15 "$HERE"/*.log >&2; exit 1; }
    sleep 0.3
  done
}

install() {
  command -v slurmctld slurmd munged sbatch >/dev/null && return
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends munge slurmctld slurmd slurm-client >/dev/null
}

configure() {
  if [[ -e $CONF && $(readlink "$CONF") != "$HERE/slurm.conf" ]]; then
    echo "slurm.sh: $CONF is there already, a Slurm of this machine; it is left alone" >&2
    exit 1
  fi
  mkdir -p "$HERE"/{munge,state,spool} /etc/slurm
  chmod 755 "$HERE"
  ln -sf munge/pid "$HERE/munged.pid"
  head -c 1024 /dev/urandom >"$HERE/munge/key"
  chown -R munge: "$HERE/munge"
  chmod 400 "$HERE/munge/key"
  chmod 711 "$HERE/munge"
  for device in 0 1; do [[ -e $HERE/gpu$device ]] || mknod "$HERE/gpu$device" c 1 3; done # as far as Slurm can tell
  printf 'NodeName=%s Name=gpu File=%s/gpu[0-1]\n' "$NODE" "$HERE" >"$HERE/gres.conf"
  printf 'ConstrainCores=no\nConstrainRAMSpace=no\n' >"$HERE/cgroup.conf"
  cat >"$HERE/slurm.conf" <<CONF
ClusterName=vhi
SlurmctldHost=$NODE(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$HERE/munge/socket
SlurmctldPort=27817
SlurmdPort=27818
SlurmctldPidFile=$HERE/slurmctld.pid
SlurmdPidFile=$HERE/slurmd.pid
SlurmctldLogFile=$HERE/slurmctld.log
SlurmdLogFile=$HERE/slurmd.log
StateSaveLocation=$HERE/state
SlurmdSpoolDir=$HERE/spool
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# Memory is watched every second; a step above its share is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2,sched_min_interval=0
AccountingStorageType=accounting_storage/none
GresTypes=gpu
ReturnToService=2
KillWait=3
SlurmdParameters=config_overrides
NodeName=$NODE NodeAddr=127.0.0.1 CPUs=4 RealMemory=12000 Gres=gpu:2 State=UNKNOWN
PartitionName=cpu Nodes=$NODE Default=YES MaxTime=UNLIMITED State=UP
PartitionName=gpu Nodes=$NODE MaxTime=UNLIMITED State=UP
CONF
  ln -sfn "$HERE/slurm.conf" "$CONF"
}

start() {
  running slurmctld && return
  configure
  setpriv --reuid munge --regid munge --clear-groups munged --socket="$HERE/munge/socket" --key-file="$HERE/munge/key" \
    --pid-file="$HERE/munge/pid" --log-file="$HERE/munge/log" --seed-file="$HERE/munge/seed"
  until_ok 10 munge -S "$HERE/munge/socket" -n
  slurmctld
  until_ok 20 scontrol ping
  slurmd -N "$NODE"
  until_ok 30 bash -c 'sinfo -h -o %t | grep -qE "idle|mix|alloc"'
  sinfo
}

stop() {
  running slurmctld && timeout 10 scancel --user=root || true
  for daemon in "${DAEMONS[@]}"; do
    running "$daemon" && kill "$(<"$HERE/$daemon.pid")" || true
  done
  if [[ $(readlink "$CONF") == "$HERE/slurm.conf" ]]; then rm "$CONF"; fi
}

case ${1:-} in
  install | start | stop) "$1" ;;
  *) sed -n 2,3p "$0" && exit 2 ;;
esac
