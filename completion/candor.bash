# bash completion for candor, made by 'candor help --completion'
# SPDX-License-Identifier: Apache-2.0
_candor()
{
	local word=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} options= values=

	if ((COMP_CWORD == 1)); then
		values='help --help --version scan explain status update notify selftest quarantine guard config db feed log ban switch'
		command=
	fi
	case $command in
	quarantine)
		((COMP_CWORD == 2)) && values='--help list show restore delete export purge'
		command+=" ${COMP_WORDS[2]}"
		;;
	guard)
		((COMP_CWORD == 2)) && values='--help exclude off on status test'
		command+=" ${COMP_WORDS[2]}"
		;;
	config)
		((COMP_CWORD == 2)) && values='--help check import show'
		command+=" ${COMP_WORDS[2]}"
		;;
	db)
		((COMP_CWORD == 2)) && values='--help build check info list show'
		command+=" ${COMP_WORDS[2]}"
		;;
	feed)
		((COMP_CWORD == 2)) && values='--help add list remove'
		command+=" ${COMP_WORDS[2]}"
		;;
	log)
		((COMP_CWORD == 2)) && values='--help evidence show verify'
		command+=" ${COMP_WORDS[2]}"
		;;
	ban)
		((COMP_CWORD == 2)) && values='--help list show check timeline screen scan merge check-data'
		command+=" ${COMP_WORDS[2]}"
		;;
	switch)
		((COMP_CWORD == 2)) && values='--help plan apply status undo evidence'
		command+=" ${COMP_WORDS[2]}"
		;;
	esac
	case $command in
	'scan')
		options='--help --db -d --format --output -o --all-matches -z --infected -i --daemon --socket --jobs -j --exclude --include --files-from -f --one-file-system -x --max-scan-time --max-object-size --max-total-size --max-depth --max-objects --max-ratio --password --hash --no-cache --quarantine --vault --report --no-progress --no-summary --recursive -r'
		[[ $previous == --format ]] && values='text clamscan json sarif'
		;;
	'explain')
		options='--help --db -d --password --max-scan-time --report'
		;;
	'status')
		options='--help --json --metrics --reload --stop --socket'
		;;
	'update')
		options='--help --from --delta --patience --clock --settings --state'
		;;
	'notify')
		options='--help --socket'
		;;
	'selftest')
		options='--help'
		;;
	'quarantine list')
		options='--help --vault --json'
		;;
	'quarantine show')
		options='--help --vault --json'
		;;
	'quarantine restore')
		options='--help --vault --to'
		;;
	'quarantine delete')
		options='--help --vault'
		;;
	'quarantine export')
		options='--help --vault --output -o --plain'
		;;
	'quarantine purge')
		options='--help --vault --older-than --max-size'
		;;
	'guard exclude')
		options='--help --json --once --socket'
		;;
	'guard off')
		options='--help --for --socket'
		;;
	'guard on')
		options='--help --socket'
		;;
	'guard status')
		options='--help --all -a --json --socket'
		;;
	'guard test')
		options='--help'
		;;
	'config check')
		options='--help'
		;;
	'config import')
		options='--help --output -o'
		;;
	'config show')
		options='--help --all -a --json'
		;;
	'db build')
		options='--help --output -o --strict --quiet -q'
		;;
	'db check')
		options='--help'
		;;
	'db info')
		options='--help --json --plan'
		;;
	'db list')
		options='--help'
		;;
	'db show')
		options='--help'
		;;
	'feed add')
		options='--help --kind --root --root-hash --proxy --delta --settings --state'
		[[ $previous == --kind ]] && values='candor clamav rules'
		;;
	'feed list')
		options='--help --json --clock --settings --state'
		;;
	'feed remove')
		options='--help --keep --settings --state'
		;;
	'log evidence')
		options='--help --settings --state'
		;;
	'log show')
		options='--help --settings --state'
		;;
	'log verify')
		options='--help --key --index --size --leaf --leaf-hash --root --old-size --old-root'
		;;
	'ban list')
		options='--help --words --data --json'
		;;
	'ban show')
		options='--help --data --json'
		;;
	'ban check')
		options='--help --act --product --party --us-person --place-in-us --counterparty --counterparty-us-person --system-of-us-person --sector --jurisdiction --fact --facts --at --zone --vendor --data --all -a --json'
		;;
	'ban timeline')
		options='--help --svg --vendor --at --data --json'
		;;
	'ban screen')
		options='--help --data --json'
		;;
	'ban scan')
		options='--help --root --file --inventory --log --everywhere --contents --embeds --format --report --data'
		[[ $previous == --format ]] && values='text json csv sarif vex'
		;;
	'ban merge')
		options='--help --format --report'
		[[ $previous == --format ]] && values='text json csv sarif vex'
		;;
	'ban check-data')
		options='--help --json'
		;;
	'switch plan')
		options='--help --settings -s --root --json --output -o'
		;;
	'switch apply')
		options='--help --yes -y --unconfirmed --scan-only --until --settings -s --config --data --state --socket'
		;;
	'switch status')
		options='--help --json --data --state --socket'
		;;
	'switch undo')
		options='--help --yes -y --config --state --socket'
		;;
	'switch evidence')
		options='--help --output -o --check --state'
		;;
	esac
	if [[ -n $values ]]; then
		COMPREPLY=($(compgen -W "$values" -- "$word"))
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$word"))
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -F _candor candor
