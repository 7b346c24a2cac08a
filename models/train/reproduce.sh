#!/bin/sh
# Footage in, weights out: reproduce.sh FOOTAGE ICT_FACE.npz WORK
# FOOTAGE holds video/ and stills/ as `gioconda dataset --help` says. Everything is made under WORK; a second call goes
# on where the first stopped. Takes some hours of one CPU core; gioconda-l is meant for a GPU machine.
# Runs in the root of the repository, with bin/gioconda built.
set -eu
if [ $# -ne 3 ]; then
	sed -n '2,5s/^# //p' "$0" >&2
	exit 2
fi
footage=$1 model=$2 work=$3
here=models/train
python=${PYTHON:-python3}
mkdir -p "$work"

[ -e "$work/heads.done" ] || { "$python" $here/heads.py "$model" --out "$work/heads" --people 48 --first 400; touch "$work/heads.done"; }
[ -e "$work/data.done" ] || {
	bin/gioconda dataset --train "$work/heads" -o "$work/data-heads" --heads 3 --per-person 72 --sources 3
	bin/gioconda dataset --train "$footage" -o "$work/data-footage" --heads 8 --per-person 110 --sources 2
	bin/gioconda dataset --train "$footage" -o "$work/data-views" --per-person 60 --sources 2 --seed 2 --views 6
	touch "$work/data.done"
}
data="$work/data-heads $work/data-footage"
# train NAME CONFIG [--init CHECKPOINT] [--set KEY=VALUE ...]
train() {
	name=$1 config=$here/$2
	shift 2
	# shellcheck disable=SC2086 # two folders
	"$python" $here/train.py "$config" --data $data --out "$work/$name" "$@"
}
# gioconda-s: a long stage, then one in which the discriminator has learned to see; weights half way between both lose
# less of the truth than either. From them a last one with jitter and the perceptual term.
early="augment.jitter=0 train.perceptual=0 train.lr=0.0005"
# shellcheck disable=SC2086 # settings
train s1 gioconda_s.yaml --set $early train.steps=9750 train.decay_from=9750 train.adversarial_from=1500 train.ramp=500 train.adv=0.1
# shellcheck disable=SC2086
train s2 gioconda_s.yaml --init "$work/s1/last.pt" --set $early train.steps=4200 train.decay_from=1800 train.adv=0.13
"$python" $here/mix.py "$work/s1/last.pt" "$work/s2/last.pt" 0.5 --out "$work/s12.pt"
train s3 gioconda_s.yaml --init "$work/s12.pt"
# When geometry had changed: no discriminator, the portrait's encoder as it was.
train s4 gioconda_s.yaml --init "$work/s3/last.pt" --set train.steps=580 train.decay_from=250 train.frozen=true train.adversarial_from=1000000 \
	train.perceptual_every=8 "train.shares={video: 0.35, pairs: 0.2, heads: 0.15, closed: 0.3}"
# Once more, with mouths drawn from several views among the samples: a discriminator learns alone, then with the generator.
again="train.frozen=true train.perceptual_every=8 train.lr_d=0.0006"
shares="train.shares={video: 0.3, pairs: 0.25, heads: 0.15, closed: 0.3}"
data="$data $work/data-views"
# shellcheck disable=SC2086
train d gioconda_s.yaml --init "$work/s4/last.pt" --set $again train.lr_d=0.001 train.perceptual=0 train.lr=0.000000001 train.steps=260 train.decay_from=200 train.ramp=100000 "$shares"
# shellcheck disable=SC2086
train s gioconda_s.yaml --init "$work/d/last.pt" --set $again train.steps=920 train.decay_from=500 train.ramp=150 "$shares"
train eyes gioconda_s_eyes.yaml
train l1 gioconda_l.yaml --set train.adversarial_from=5000 train.steps=2400 train.decay_from=1600 train.lr=0.0008
train l gioconda_l.yaml --init "$work/l1/last.pt"
# shellcheck disable=SC2086
"$python" $here/evaluate.py "$work/s/last.pt" "$work/eyes/last.pt" "$work/l/last.pt" --data $data --out "$work/figures"
# The eyes are not among the shipped weights; name their checkpoint beside the mouth's to have them in the same folder.
# shellcheck disable=SC2086
"$python" $here/export.py "$work/s/last.pt" --config $here/gioconda_s.yaml --figures "$work/figures/figures.json" --out "$work/weights/gioconda-s" --calibrate $data
"$python" $here/export.py "$work/l/last.pt" --figures "$work/figures/figures.json" --out "$work/weights/gioconda-l"
echo "weights are in $work/weights; compare them with models/portrait/weights"
