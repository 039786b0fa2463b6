#!/usr/bin/env bash
# Deploys this release of Tintype, changes it and removes it, with nothing but the AWS CLI, version 1 or 2.
# Start reading at the end: `main`. It keeps to bash 3.2, which macOS has.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kept_releases=5  # whose packages stay, so that one can go back to them
listed_at_most=10000  # objects of a bucket whose sizes are added up
poll_seconds=2
progress=nothing  # how far the stack's change has come, for who presses Ctrl-C
our_parameter="Parameters[?ParameterKey=='PageSources']|[0].ParameterKey"  # no other template has it
open_to_all="Anyone who knows its address can upload, see and delete every image: there is no sign-in yet."
answer=           # what a function leaves that must not run in a subshell

usage() {
  cat <<'HELP'
Usage: ./deploy.sh [COMMAND] [OPTIONS]

Puts this release of Tintype into an AWS account. It needs the AWS CLI and credentials, and nothing else.

Commands:
  deploy     create the stack, or update it to this release and these parameters; the default
  outputs    print the stack's addresses and names, one NAME<tab>VALUE a line
  empty      delete all images: whatever is in the stack's buckets. Of a stack that is gone, delete the
             buckets and the table that it left
  destroy    remove the stack; its images stay if the release was made with keep_data

Options:
  --stack NAME           the stack's name; default tintype
  --region REGION        default: AWS_REGION, AWS_DEFAULT_REGION, or the profile's
  --profile PROFILE      of the AWS CLI; default: AWS_PROFILE
  --parameter KEY=VALUE  a setting, under its name in the template, e.g. AlarmEmail=me@example.com. Repeat it
                         for more. What is not given has the release's default, also if it was given before
  --tag KEY=VALUE        with deploy: a tag of the stack and all that is in it. Repeat it for more; without any, tags stay
  --role-arn ARN         with deploy: the role that CloudFormation takes on, instead of your own rights
  --protect, --no-protect  with deploy: protect the stack against deletion, or end that
  --public               with deploy: confirm that anyone who knows the stack's address can upload, see and delete images
  --delete-images        with destroy: delete the images too, whatever keep_data says
  --allow-loss           with deploy and --yes: go on although data or messages would be lost
  --yes                  do it without asking; needed where nobody can be asked
  --help, --version

Before anything is changed you see what will be, and what would be lost. Nothing happens until you say yes.

Examples:
  ./deploy.sh --public --region eu-central-1
  ./deploy.sh --public --parameter AlarmEmail=me@example.com --parameter DevelopMemoryMib=4096
  ./deploy.sh destroy --delete-images

Exit status: 0 done, or nothing to do; 1 not done; 2 wrong arguments; 130 stopped by Ctrl-C.
HELP
}

# --- what is said

say() { printf '%s\n' "$*"; }

fail() {  # CODE MESSAGE...: the code is stable, and explained in docs/errors.md
  local code=$1
  shift
  printf '✗ %s: %s\n' "$code" "$*" >&2
  exit 1
}

wrong() {  # MESSAGE: the arguments cannot be meant so
  printf '✗ wrong_arguments: %s\n  ./deploy.sh --help says what there is\n' "$1" >&2
  exit 2
}

confirm() {  # QUESTION: returns whether the answer is yes
  local said=
  if [[ $yes ]]; then return 0; fi
  if [[ ! -t 0 ]]; then
    undo_change_set
    fail not_confirmed "nobody can be asked here; --yes says it beforehand"
  fi
  printf '%s [y/N] ' "$1"
  read -r said || say
  [[ $said == [yY]* ]]
}

mebibytes() { awk -v bytes="$1" 'BEGIN { printf bytes < 10485760 ? "%.1f MiB" : "%.0f MiB", bytes / 1048576 }'; }

# --- the AWS CLI

call() {  # WHAT ARGUMENTS...: run the AWS CLI; what it says of a failure becomes the message
  local what=$1
  shift
  if ! aws "$@" 2>"$work/said" </dev/null; then
    fail aws_refused "$what: $(last_said)"
  fi
}

try() {  # ARGUMENTS...: run the AWS CLI; return whether it worked, with its words in $work/said
  aws "$@" 2>"$work/said" </dev/null
}

last_said() { awk 'NF { last = $0 } END { print last }' "$work/said"; }

said() { grep -q -e "$1" "$work/said"; }  # PATTERN: whether the failed call said that

# --- before anything

check_tools() {
  command -v aws >/dev/null || fail no_aws_cli "there is no AWS CLI on the PATH; https://aws.amazon.com/cli says how to get it"
}

check_region() {
  region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region 2>/dev/null || true)}}}
  [[ $region ]] || fail no_region "no region; give --region, set AWS_REGION, or give the profile one"
  # Version 1 of the CLI does not read AWS_REGION.
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  [[ $region =~ ^[a-z]{2}(-[a-z]+)+-[0-9]+$ ]] || fail no_region "'$region' is not the name of a region, such as eu-central-1"
  case $region in
    cn-*) fail region_lacks_service "$region: China's CloudFront has no origin access control, functions and cache policies" ;;
    us-gov-*) fail region_lacks_service "$region: GovCloud has no CloudFront" ;;
    *-iso*) fail region_lacks_service "$region: its partition is not supported" ;;
  esac
}

check_credentials() {
  if ! try sts get-caller-identity --query Account >"$work/account"; then
    fail no_credentials "$(last_said); run aws configure or aws sso login, or give --profile"
  fi
  account=$(<"$work/account")
}

check_release() {
  local sums=(sha256sum)
  command -v sha256sum >/dev/null || sums=(shasum -a 256)
  [[ -f $here/SHA256SUMS && -f $here/release.json ]] || fail release_damaged "$here is not a release folder; make template writes one"
  if ! (cd "$here" && "${sums[@]}" -c SHA256SUMS) >"$work/sums" 2>&1; then
    fail release_damaged "these files are not as they were released:" \
      "$(awk -F: '/FAILED/ { printf "%s%s", comma, $1; comma = ", " }' "$work/sums"); copy the release folder again"
  fi
  template=$(release_fact template)
}

digest_of() {  # reads what is to be hashed
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

release_fact() {  # NAME: a number, word or yes/no of release.json, which has one a line
  sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$here/release.json" | head -n 1
}

# --- the bucket of the packages

packages_bucket() {  # prints its name: S3 takes 63 characters and no capitals
  local full=$stack-packages-$account-$region start
  if [[ ${#full} -le 63 && $full != *[A-Z]* ]]; then
    printf '%s\n' "$full"
  else
    start=$(printf '%s' "${full:0:46}" | tr '[:upper:]' '[:lower:]' | sed 's/-*$//')
    printf '%s-%s\n' "$start" "$(printf '%s' "$full" | digest_of | cut -c 1-16)"
  fi
}

owned() {  # BUCKET: whether there is that bucket and it is this account's
  if try s3api head-bucket --bucket "$1" --expected-bucket-owner "$account" >/dev/null; then return 0; fi
  if said 404; then return 1; fi
  fail bucket_not_ours "S3 does not let this account at the bucket $1: $(last_said)"
}

create_packages_bucket() {
  local place=()
  if owned "$packages"; then return; fi
  say "Creating the bucket for the functions' packages: $packages"
  [[ $region == us-east-1 ]] || place=(--create-bucket-configuration "LocationConstraint=$region")
  call "creating $packages" s3api create-bucket --bucket "$packages" ${place[@]+"${place[@]}"} >/dev/null
  call "closing $packages to the public" s3api put-public-access-block --bucket "$packages" \
    --expected-bucket-owner "$account" --public-access-block-configuration \
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
  call "tagging $packages" s3api put-bucket-tagging --bucket "$packages" \
    --expected-bucket-owner "$account" --tagging "TagSet=[{Key=tintype:stack,Value=$stack}]"
  call "asking for TLS at $packages" s3api put-bucket-policy --bucket "$packages" \
    --expected-bucket-owner "$account" --policy "{\"Version\":\"2012-10-17\",\"Statement\":[{
      \"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",
      \"Resource\":[\"arn:aws:s3:::$packages\",\"arn:aws:s3:::$packages/*\"],
      \"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
}

list_keys() {  # BUCKET: prints its keys, one a line
  call "listing $1" s3api list-objects-v2 --bucket "$1" --expected-bucket-owner "$account" \
    --query 'Contents[].[Key]' | sed '/^None$/d'
}

upload_packages() {
  local file key
  template_key=templates/$(digest_of <"$here/$template").json
  list_keys "$packages" >"$work/there"
  for file in "$here"/packages/*.zip "$here/$template"; do
    key=${file##*/}
    [[ $key == "$template" ]] && key=$template_key
    printf '%s\n' "$key" >>"$work/keys"
    if ! grep -qxF -- "$key" "$work/there"; then
      say "Uploading ${file##*/}, $(mebibytes "$(wc -c <"$file")")"
      call "uploading ${file##*/}" s3api put-object --bucket "$packages" --key "$key" --body "$file" \
        --expected-bucket-owner "$account" >/dev/null
    fi
  done
}

remember_release() {  # note what this release needs, and delete what the last few do not
  local record
  record=releases/$(date -u +%Y%m%dT%H%M%SZ)-$(release_fact version).txt
  call "noting the release" s3api put-object --bucket "$packages" --key "$record" --body "$work/keys" \
    --expected-bucket-owner "$account" >/dev/null
  (($(grep -c '^releases/' "$work/there") >= kept_releases)) || return 0
  mkdir "$work/releases"
  call "reading the earlier releases" s3 cp --recursive --only-show-errors "s3://$packages/releases/" "$work/releases"
  # A release that was deployed again counts once, by its last note.
  find "$work/releases" -type f | sort -r | while read -r record; do
    printf '%s\t%s\n' "$(sort "$record" | cksum)" "$record"
  done | awk -F '\t' -v kept="$kept_releases" '!seen[$1]++ && ++count <= kept { print $2 }' |
    tr '\n' '\0' | xargs -0 cat | sort -u >"$work/needed"
  grep -e '\.zip$' -e '^templates/' "$work/there" | grep -vxF -f "$work/needed" >"$work/unneeded" || return 0
  delete_keys "$packages" "$work/unneeded"
}

delete_keys() {  # BUCKET FILE: delete the keys that the file lists, none of which needs quoting
  call "tidying $1" s3api delete-objects --bucket "$1" --expected-bucket-owner "$account" \
    --delete "Quiet=true,Objects=[$(awk '{ printf "%s{Key=%s}", comma, $0; comma = "," }' "$2")]" >/dev/null
}

# --- the stack

stack_status() {  # prints it, and nothing if there is no stack
  if try cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' >"$work/status"; then
    cat "$work/status"
  elif ! said 'does not exist'; then
    fail aws_refused "looking for the stack: $(last_said)"
  fi
}

read_stack() {  # leaves its id and status, and its outputs in $work/outputs; fails if it is something else
  local ours
  stack_id='' status=''
  : >"$work/outputs"
  if ! try cloudformation describe-stacks --stack-name "$stack" --query \
    "Stacks[0].[[[StackId,StackStatus,$our_parameter]],Outputs[].[OutputKey,OutputValue]][]" >"$work/told"; then
    if said 'does not exist'; then return; fi
    fail aws_refused "looking for the stack: $(last_said)"
  fi
  sed '/^None$/d' "$work/told" >"$work/stack"  # before it is complete there are no outputs
  IFS=$'\t' read -r stack_id status ours <"$work/stack"
  sed 1d "$work/stack" | sort >"$work/outputs"
  # What was only reviewed has no parameters yet, and no resources.
  [[ $ours == PageSources || $status == REVIEW_IN_PROGRESS ]] ||
    fail not_a_tintype "the stack $stack in $region is something else; --stack names another"
}

need_stack() {
  read_stack
  [[ $stack_id && $status != REVIEW_IN_PROGRESS ]] || fail no_stack "there is no stack $stack in $region of account $account"
}

output_of() { awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$work/outputs"; }  # NAME

make_way() {  # wait for what somebody else began; remove what never came to be
  if [[ $status == *_IN_PROGRESS && $status != REVIEW_IN_PROGRESS ]]; then
    say "The stack is being changed already ($status); waiting for the end of that"
    watch
    read_stack  # it has its outputs now, or is gone
  fi
  case $status in
    ROLLBACK_COMPLETE)
      say "The stack was never completed ($status); it is removed first"
      call "removing it" cloudformation delete-stack --stack-name "$stack_id"
      watch
      [[ $status == DELETE_COMPLETE ]] || fail deployment_failed "the stack cannot be removed: $status"
      stack_id='' status=''
      ;;
    *_FAILED)
      fail stack_stuck "the stack is $status; in the console of CloudFormation, continue its rollback or delete it"
      ;;
  esac
}

refuse_if_busy() {  # what somebody changes is not emptied; a deletion is taken up
  case $status in
    REVIEW_IN_PROGRESS | DELETE_IN_PROGRESS) ;;
    *_IN_PROGRESS) fail stack_busy "the stack $stack is $status: somebody changes it just now" ;;
  esac
}

refuse_if_protected() {  # before anything is emptied
  local protected=''
  if [[ $stack_id ]]; then
    protected=$(call "looking for its protection" cloudformation describe-stacks --stack-name "$stack_id" \
      --query 'Stacks[0].EnableTerminationProtection')
  fi
  [[ $protected != True ]] ||
    fail stack_protected "$stack is protected against deletion; this ends that:" \
      "aws cloudformation update-termination-protection --stack-name $stack --region $region --no-enable-termination-protection"
}

create_change_set() {  # leaves its id in $change_set, or nothing there when nothing would change
  local kind=UPDATE name pair reason given=() also=()
  [[ $stack_id && $status != REVIEW_IN_PROGRESS ]] || kind=CREATE
  name=tintype-$(date -u +%Y%m%dT%H%M%SZ)-$RANDOM$RANDOM
  given=("ParameterKey=PackagesBucket,ParameterValue=$packages")
  for pair in ${parameters[@]+"${parameters[@]}"}; do
    # The CLI's short form takes a comma for the next item.
    given+=("ParameterKey=${pair%%=*},ParameterValue=\"$(printf '%s' "${pair#*=}" | sed 's/["\\]/\\&/g')\"")
  done
  ((!${#tags[@]})) || also=(--tags "${tags[@]}")
  [[ ! $role ]] || also+=(--role-arn "$role")
  progress=asked
  call "asking for the changes" cloudformation create-change-set --stack-name "$stack" \
    --change-set-name "$name" --change-set-type "$kind" --parameters "${given[@]}" \
    --template-url "https://s3.$region.amazonaws.com/$packages/$template_key" \
    --capabilities CAPABILITY_IAM ${also[@]+"${also[@]}"} --query '[Id,StackId]' >"$work/asked"
  IFS=$'\t' read -r change_set changed_id <"$work/asked"
  while :; do
    IFS=$'\t' read -r answer reason < <(call "reading the changes" cloudformation describe-change-set --no-paginate \
      --stack-name "$changed_id" --change-set-name "$change_set" --query '[Status,StatusReason]' | head -n 1)
    case $answer in
      CREATE_COMPLETE) return ;;
      FAILED) break ;;
      '') exit 1 ;;
    esac
    sleep "$poll_seconds"
  done
  undo_change_set
  case $reason in
    *"didn't contain changes"* | *'No updates'*) ;;
    *) fail change_set_failed "CloudFormation refuses the template or its parameters: $reason" ;;
  esac
}

undo_change_set() {  # leave no trace of changes that were only looked at
  if [[ ! ${change_set-} ]]; then return; fi
  try cloudformation delete-change-set --stack-name "$changed_id" --change-set-name "$change_set" >/dev/null || :
  if [[ ! $stack_id || $status == REVIEW_IN_PROGRESS ]]; then forget_review; fi
  change_set='' progress=nothing
}

forget_review() {  # delete the stack if nobody has deployed it meanwhile, nor looks at changes of it
  local now others
  now=$(try cloudformation describe-stacks --stack-name "$changed_id" --query 'Stacks[0].StackStatus') || return 0
  others=$(try cloudformation list-change-sets --stack-name "$changed_id" \
    --query "length(Summaries[?!starts_with(Status,'DELETE')])") || return 0
  if [[ $now == REVIEW_IN_PROGRESS && $others == 0 ]]; then
    try cloudformation delete-stack --stack-name "$changed_id" || :
  fi
}

show_changes() {
  call "reading the changes" cloudformation describe-change-set \
    --stack-name "$changed_id" --change-set-name "$change_set" --query \
    "Changes[].ResourceChange.[Action,Replacement,LogicalResourceId,ResourceType,PolicyAction,
      join(',',Details[?Target.RequiresRecreation!='Never'].Target.Name)]" >"$work/changes"
  awk -F '\t' '
    BEGIN { mark["Add"] = "+ add"; mark["Modify"] = "~ change"; mark["Remove"] = "- remove" }
    { what = mark[$1] ? mark[$1] : $1 }
    $1 == "Modify" && $2 == "True" { what = "! replace" }
    $1 == "Modify" && $2 == "Conditional" { what = "~ change, perhaps replace" }
    { if (length(what) > wide) wide = length(what); if (length($3) > long) long = length($3); row[NR] = what FS $3 FS $4; count[what]++ }
    END {
      for (i = 1; i <= NR; i++) { split(row[i], cell, FS); printf "  %-" wide "s  %-" long "s  %s\n", cell[1], cell[2], cell[3] }
    }' "$work/changes"
  if [[ $stack_id && $status != REVIEW_IN_PROGRESS ]]; then show_parameters; fi
  # What holds something that no template can bring back.
  awk -F '\t' '
    BEGIN { OFS = FS; what["AWS::S3::Bucket"] = "bucket"; what["AWS::DynamoDB::Table"] = "table"; what["AWS::SQS::Queue"] = "queue" }
    # "Conditional" is said of all that names something that changes; only these names mean another thing.
    $2 == "Conditional" && $6 !~ /(^|,)(BucketName|TableName|KeySchema|QueueName|FifoQueue)(,|$)/ { $2 = "False" }
    !($4 in what) || $1 == "Add" || ($1 != "Remove" && $2 != "True" && $2 != "Conditional") { next }
    {
      would = $1 == "Remove" ? "would be removed" : $2 == "True" ? "would be replaced" : "may be replaced"
      fate = $5 ~ /Retain/ ? "it stays with all that is in it, but the stack no longer uses it" : "WHAT IS IN IT WOULD BE LOST"
      printf "  ! The %s %s %s: %s\n", what[$4], $3, would, fate
    }' "$work/changes" >"$work/losses"
  if [[ -s $work/losses ]]; then
    say
    cat "$work/losses"
  fi
  say
}

show_parameters() {  # those that would change: what is not given goes back to the release's default
  call "reading the stack's parameters" cloudformation describe-stacks --stack-name "$stack" \
    --query 'Stacks[0].Parameters[].[ParameterKey,ParameterValue]' >"$work/before"
  call "reading the parameters" cloudformation describe-change-set --no-paginate \
    --stack-name "$changed_id" --change-set-name "$change_set" \
    --query 'Parameters[].[ParameterKey,ParameterValue]' >"$work/after"
  awk -F '\t' '
    function shown(value) { return value == "" ? "(empty)" : value }
    FILENAME == ARGV[1] { before[$1] = $2; next }
    $1 in before && before[$1] != $2 { print "  " $1 ": " shown(before[$1]) " → " shown($2) }' "$work/before" "$work/after"
}

watch() {  # show what the stack is at until it is at rest; leaves its status
  local row shown=''
  while :; do
    status=$(stack_status "$stack_id")
    [[ $status == *_IN_PROGRESS ]] || return 0
    row=$(call "asking how far it is" cloudformation describe-stack-resources --stack-name "$stack_id" \
      --query 'StackResources[].[ResourceStatus,LogicalResourceId]' | awk -F '\t' '
      $1 ~ /_IN_PROGRESS$/ { under++; if (under <= 3) names = names (under > 1 ? ", " : "") $2; next }
      $1 != "None" && $1 != "DELETE_COMPLETE" { there++ }
      END { printf "  %d resources are there", there; if (under) printf ", %d under way: %s%s", under, names, under > 3 ? ", …" : "" }')
    if [[ $row != "$shown" ]]; then say "$row"; fi
    shown=$row
    sleep "$poll_seconds"
  done
}

show_failures() {  # of the last change of the stack, the first failure first
  call "asking for the reasons" cloudformation describe-stack-events --stack-name "$stack_id" --query \
    'StackEvents[].[ResourceType,ResourceStatus,LogicalResourceId,ResourceStatusReason]' >"$work/events"
  awk -F '\t' '
    $1 == "AWS::CloudFormation::Stack" && $2 ~ /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/ { exit }
    $2 ~ /_FAILED$/ && $1 != "AWS::CloudFormation::Stack" && $4 !~ /cancelled/ { row[++n] = "  " $3 " (" $1 "): " $4 }
    END { while (n) print row[n--] }' "$work/events" >&2
}

# --- the page

publish_page() {
  local site type cache path includes
  [[ -s $here/site.tsv ]] || return 0  # a release without the page
  site=$(output_of SiteBucket)
  cat >"$work/config.json" <<CONFIG
{
  "apiUrl": "/api",
  "graphqlUrl": "$(output_of GraphqlUrl)",
  "realtimeUrl": "$(output_of GraphqlRealtimeUrl)",
  "apiKey": "$(output_of GraphqlApiKey)",
  "region": "$(output_of Region)",
  "access": "$(output_of Access)",
  "originalsReadable": "$(output_of OriginalsReadable)",
  "maxBytes": $(release_fact maxBytes)
}
CONFIG
  list_keys "$site" >"$work/pages"
  # What may be cached for ever has a hash in its name: if it is there, it is the same.
  awk -F '\t' 'FILENAME == ARGV[1] { there[$0]; next } !($3 ~ /immutable/ && $1 in there)' \
    "$work/pages" "$here/site.tsv" >"$work/send"
  say "Publishing the page"
  call "publishing config.json" s3 cp --only-show-errors "$work/config.json" "s3://$site/config.json" \
    --content-type application/json --cache-control no-cache
  while IFS=$'\t' read -r type cache; do
    includes=()
    while IFS=$'\t' read -r path; do includes+=(--include "$path"); done < <(awk -F '\t' -v type="$type" \
      -v cache="$cache" '$2 == type && $3 == cache && $1 != "index.html" { print $1 }' "$work/send")
    call "publishing the page" s3 cp --recursive --only-show-errors "$here/site" "s3://$site" \
      --exclude '*' "${includes[@]}" --content-type "$type" --cache-control "$cache"
  done < <(awk -F '\t' '$1 != "index.html" && !seen[$2 FS $3]++ { print $2 FS $3 }' "$work/send")
  # The index comes last: whoever gets it finds all that it names. The CDN asks for it each time, so that
  # nothing needs to be invalidated.
  IFS=$'\t' read -r path type cache < <(awk -F '\t' '$1 == "index.html"' "$here/site.tsv")
  call "publishing the page" s3 cp --only-show-errors "$here/site/$path" "s3://$site/$path" \
    --content-type "$type" --cache-control "$cache"
}

# --- what holds images

find_data() {  # leaves bucket|table, name and fate of what the stack has: Delete, Retain, or Left by a former one
  local kinds="ResourceType=='AWS::S3::Bucket'||ResourceType=='AWS::DynamoDB::Table'" query='' id former kind name fate
  : >"$work/data"
  : >"$work/former"
  if [[ $stack_id ]]; then
    call "looking for buckets and tables" cloudformation describe-stack-resources --stack-name "$stack_id" \
      --query "StackResources[?$kinds].[ResourceType,PhysicalResourceId,LogicalResourceId]" | sed '/^None$/d' >"$work/found"
    if [[ -s $work/found ]]; then
      while IFS=$'\t' read -r _ _ id; do query="$query${query:+,}[$id.DeletionPolicy]"; done <"$work/found"
      call "reading the template" cloudformation get-template --stack-name "$stack_id" \
        --query "TemplateBody.Resources.[$query]" >"$work/policies"
      paste "$work/found" "$work/policies" | awk -F '\t' '$2 != "" {
        print ($1 ~ /Bucket/ ? "bucket" : "table") FS $2 FS ($4 ~ /Retain/ ? "Retain" : "Delete") }' >"$work/data"
    fi
  fi
  if [[ $1 == also_left ]]; then
    find_former_stacks
    while read -r former; do
      call "looking for what a former stack left" cloudformation describe-stack-events --stack-name "$former" \
        --query "StackEvents[?ResourceStatus=='DELETE_SKIPPED'&&($kinds)].[ResourceType,PhysicalResourceId]" | sort -u |
        awk -F '\t' 'NF > 1 { print ($1 ~ /Bucket/ ? "bucket" : "table") FS $2 FS "Left" }' >>"$work/data"
    done <"$work/former"
  fi
  # Somebody may have deleted one by hand.
  while IFS=$'\t' read -r kind name fate; do
    if [[ $kind == bucket ]]; then
      owned "$name" || continue
    else
      has_table "$name" || continue
    fi
    printf '%s\t%s\t%s\n' "$kind" "$name" "$fate"
  done <"$work/data" >"$work/still"
  mv "$work/still" "$work/data"
}

find_former_stacks() {  # leaves the ids of the deleted stacks of this name in $work/former, but for other applications'
  local former
  call "looking for former stacks" cloudformation list-stacks --stack-status-filter DELETE_COMPLETE \
    --query "StackSummaries[?StackName=='$stack'].[StackId]" >"$work/namesakes"
  while read -r former; do
    [[ $former != None ]] || continue
    call "looking at a former stack" cloudformation describe-stacks --stack-name "$former" \
      --query "Stacks[0].$our_parameter" >"$work/ours"
    if [[ $(<"$work/ours") == PageSources ]]; then printf '%s\n' "$former"; fi
  done <"$work/namesakes" >"$work/former"
}

has_table() {  # NAME: whether there is that table
  if try dynamodb describe-table --table-name "$1" >/dev/null; then return 0; fi
  if said ResourceNotFound; then return 1; fi
  fail aws_refused "looking for the table $1: $(last_said)"
}

remove_late_logs() {  # STACK-ID: a function that was at work when its stack went has its log group made anew
  local name
  call "looking for log groups" cloudformation describe-stack-events --stack-name "$1" --query \
    "StackEvents[?ResourceType=='AWS::Logs::LogGroup'&&ResourceStatus=='DELETE_COMPLETE'].[PhysicalResourceId]" >"$work/logs"
  while read -r name; do
    [[ $name == None ]] || try logs delete-log-group --log-group-name "$name" || said ResourceNotFound ||
      fail aws_refused "deleting the log group $name: $(last_said)"
  done <"$work/logs"
}

forget() {  # FATE|NAME: it is gone
  awk -F '\t' -v gone="$1" '$2 != gone && $3 != gone' "$work/data" >"$work/still"
  mv "$work/still" "$work/data"
}

data() { awk -F '\t' -v kind="$1" -v fates="$2" '$1 == kind && fates ~ $3 { print $2 }' "$work/data"; }  # KIND FATES

count_data() {  # says how many images there are, and how large they are
  local name images=0 bytes=0 more=''
  while read -r name; do
    # The index lists images, the table also those that were deleted lately.
    call "counting images" dynamodb scan --table-name "$name" --index-name byOwner --select COUNT --query Count |
      awk '{ n += $1 } END { print n + 0 }' >"$work/count"
    images=$((images + $(<"$work/count")))
  done < <(data table 'Delete Retain Left')
  while read -r name; do
    call "adding up sizes" s3api list-objects-v2 --bucket "$name" --expected-bucket-owner "$account" \
      --max-items "$listed_at_most" --query 'Contents[].Size' >"$work/sizes"
    bytes=$((bytes + $(awk '/^NEXTTOKEN/ { next } { for (i = 1; i <= NF; i++) sum += $i } END { printf "%.0f", sum }' "$work/sizes")))
    if grep -q '^NEXTTOKEN' "$work/sizes"; then more='more than '; fi
  done < <(data bucket 'Delete Retain Left' | grep -v '^tintype-site-')
  say "  Images: $images, $more$(mebibytes "$bytes") with their renditions"
}

empty_bucket() {  # NAME: delete all objects in all their versions
  local refused page=1000 listed
  while :; do
    call "listing $1" s3api list-object-versions --bucket "$1" --expected-bucket-owner "$account" --no-paginate \
      --output json --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}' >"$work/doomed.json"
    listed=$(grep -c '"Key"' "$work/doomed.json" || :)
    if ((!listed)); then return; fi
    refused=$(call "emptying $1" s3api delete-objects --bucket "$1" --expected-bucket-owner "$account" \
      --delete "file://$work/doomed.json" --query 'Errors[0].Message')
    [[ -z $refused || $refused == None ]] || fail aws_refused "emptying $1: $refused"
    if ((listed < page)); then return; fi
  done
}

remove_bucket() {  # NAME
  empty_bucket "$1"
  call "deleting $1" s3api delete-bucket --bucket "$1" --expected-bucket-owner "$account"
  forget "$1"
}

remove_data() {  # FATES: delete the buckets and tables of these fates
  local name
  while read -r name; do
    say "Deleting the bucket $name"
    remove_bucket "$name"
  done < <(data bucket "$1")
  while read -r name; do
    say "Deleting the table $name"
    call "deleting $name" dynamodb delete-table --table-name "$name" >/dev/null
    forget "$name"
  done < <(data table "$1")
}

# --- the commands

deploy() {
  check_release
  [[ $public ]] || fail public_stack "$open_to_all --public confirms it"
  say "Tintype $(release_fact version) → stack $stack in $region of account $account"
  say "! $open_to_all"
  read_stack
  make_way
  create_packages_bucket
  upload_packages
  create_change_set
  if [[ ! $change_set ]]; then
    say "The stack is as this release and these parameters say: nothing to change"
  else
    change_stack
  fi
  [[ ! $protection ]] || call "setting the protection against deletion" cloudformation update-termination-protection \
    --stack-name "$stack_id" "$protection" >/dev/null
  progress=page
  publish_page
  say
  say "  Page     $(output_of CdnUrl)"
  say "  API      $(output_of ApiUrl)"
  say "  GraphQL  $(output_of GraphqlUrl)"
  say
  say "! $open_to_all"
  say
  say "./deploy.sh outputs --stack $stack --region $region prints all addresses and names."
}

change_stack() {
  say "What will change:"
  show_changes
  if [[ $yes && ! $allow_loss ]] && grep -q LOST "$work/losses"; then
    undo_change_set
    fail loss_not_allowed "see above what would be lost; nothing was changed; --allow-loss goes on all the same"
  fi
  if ! confirm "Do it?"; then
    undo_change_set
    fail not_confirmed "nothing was changed; the packages stay in $packages until destroy"
  fi
  call "beginning" cloudformation execute-change-set \
    --stack-name "$changed_id" --change-set-name "$change_set" --retain-except-on-create
  progress=begun stack_id=$changed_id
  watch
  case $status in
    CREATE_COMPLETE | UPDATE_COMPLETE) ;;
    *)
      show_failures
      fail deployment_failed "the stack ended as $status; the reasons are above, the first is most often the cause"
      ;;
  esac
  remember_release
  read_stack
}

outputs() {
  need_stack
  cat "$work/outputs"
}

empty() {
  local former
  read_stack
  refuse_if_busy
  find_data "$([[ $stack_id ]] || printf also_left)"
  if [[ -s $work/data ]]; then
    empty_data
  else
    say "There is nothing to empty of stack $stack in $region"
  fi
  while read -r former; do remove_late_logs "$former"; done <"$work/former"
}

empty_data() {
  local name
  say "To be deleted for good:"
  count_data
  awk -F '\t' '
    $3 == "Left" { print "  The " $1 " " $2 }
    $3 != "Left" && $1 == "bucket" { print "  What is in the bucket " $2 }' "$work/data"
  confirm "Delete all images?" || fail not_confirmed "nothing was changed"
  progress=emptying
  remove_data Left
  while read -r name; do
    say "Emptying the bucket $name"
    empty_bucket "$name"
  done < <(data bucket 'Delete Retain')
}

destroy() {
  local has_packages='' losing="Delete" name
  read_stack
  refuse_if_busy
  refuse_if_protected
  find_data "$([[ ! $delete_images ]] || printf also_left)"
  if owned "$packages"; then has_packages=yes; fi
  if [[ ! $stack_id && ! $has_packages && ! -s $work/data ]]; then
    say "There is nothing to destroy: no stack $stack in $region of account $account"
    return
  fi
  [[ ! $delete_images ]] || losing="Delete Retain Left"
  if [[ $stack_id ]]; then
    say "To be removed: the stack $stack in $region of account $account, its page and its packages"
  else
    say "To be removed: what is left of the stack $stack in $region of account $account"
  fi
  count_data
  # The page's files are no data: they come with the release.
  awk -F '\t' -v fates="$losing" 'fates ~ $3 || $2 ~ /^tintype-site-/' "$work/data" >"$work/doomed"
  if grep -qv 'tintype-site-' "$work/doomed"; then
    say "  ! THEY WOULD BE DELETED FOR GOOD"
  elif [[ -s $work/data ]]; then
    say "  They stay. To delete them too, now or later: ./deploy.sh destroy --delete-images --stack $stack --region $region"
  fi
  [[ ! $has_packages ]] || printf 'bucket\t%s\n' "$packages" >>"$work/doomed"
  [[ ! -s $work/doomed ]] || say "  Deleted with all that is in them:"
  awk -F '\t' '{ print "    " $1 " " $2 }' "$work/doomed"
  confirm "Remove it?" || fail not_confirmed "nothing was changed"
  if [[ $stack_id ]]; then remove_stack; fi
  while read -r name; do
    remove_bucket "$name"
  done < <(data bucket 'Retain Left' | grep '^tintype-site-')
  [[ ! $delete_images ]] || remove_data "$losing"
  if [[ $has_packages ]]; then
    say "Deleting the bucket $packages"
    remove_bucket "$packages"
  fi
  if [[ $stack_id ]]; then remove_late_logs "$stack_id"; fi
  tell_what_stays
}

remove_stack() {
  local name
  progress=emptying
  while read -r name; do
    say "Emptying the bucket $name"
    empty_bucket "$name"
  done < <(data bucket Delete)
  say "Removing the stack"
  call "removing the stack" cloudformation delete-stack --stack-name "$stack_id"
  progress=begun
  watch
  if [[ $status == DELETE_FAILED ]]; then
    # Somebody has uploaded something meanwhile.
    while read -r name; do
      if owned "$name"; then empty_bucket "$name"; fi
    done < <(data bucket Delete)
    call "removing the stack again" cloudformation delete-stack --stack-name "$stack_id"
    watch
  fi
  if [[ $status != DELETE_COMPLETE ]]; then
    show_failures
    fail left_behind "the stack ended as $status; the reasons are above"
  fi
  progress=removing
  forget Delete
}

tell_what_stays() {
  if [[ ! -s $work/data ]]; then
    say "Nothing of it is left."
    return
  fi
  say "What stays:"
  awk -F '\t' '{ print "  " $1 " " $2 }' "$work/data"
}

interrupted() {
  trap '' INT TERM
  say
  case $progress in
    nothing) say "Stopped. The stack was not changed." ;;
    asked)
      undo_change_set
      say "Stopped. The stack was not changed."
      ;;
    begun) say "Stopped looking; the stack goes on by itself and is $(stack_status "$stack_id"). The same command waits for its end." ;;
    page) say "Stopped. The stack is complete, the page perhaps not. The same command publishes it." ;;
    emptying) say "Stopped. Some files are deleted, the stack is still there. The same command goes on." ;;
    removing) say "Stopped. The stack is gone; buckets of it are perhaps not. The same command goes on." ;;
  esac
  exit 130
}

read_arguments() {
  command=deploy stack=tintype region='' yes='' delete_images='' allow_loss='' public='' change_set=''
  parameters=() tags=() role='' protection=''
  while (($#)); do
    case $1 in
      --stack | --region | --profile | --parameter | --tag | --role-arn)
        (($# > 1)) || wrong "$1 needs a value"
        case $1 in
          --stack) stack=$2 ;;
          --region) region=$2 ;;
          --tag)
            [[ $2 == ?*=* ]] || wrong "'$2' is not KEY=VALUE"
            tags+=("Key=\"${2%%=*}\",Value=\"$(printf '%s' "${2#*=}" | sed 's/["\\]/\\&/g')\"")
            ;;
          --role-arn) role=$2 ;;
          --profile) export AWS_PROFILE=$2 ;;
          --parameter)
            [[ $2 =~ ^[A-Za-z0-9]+= ]] || wrong "'$2' is not KEY=VALUE"
            parameters+=("$2")
            ;;
        esac
        shift
        ;;
      --delete-images) delete_images=yes ;;
      --allow-loss) allow_loss=yes ;;
      --public) public=yes ;;
      --protect) protection=--enable-termination-protection ;;
      --no-protect) protection=--no-enable-termination-protection ;;
      --yes) yes=yes ;;
      --help | -h)
        usage
        exit
        ;;
      --version)
        release_fact version
        exit
        ;;
      deploy | outputs | empty | destroy) command=$1 ;;
      *) wrong "there is no '$1'" ;;
    esac
    shift
  done
  [[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] || wrong "'$stack' is no stack's name: letters, digits and hyphens, a letter first"
  [[ ! $delete_images || $command == destroy ]] || wrong "--delete-images goes with destroy"
  [[ ! $allow_loss || $command == deploy ]] || wrong "--allow-loss goes with deploy"
  [[ ! $role$protection${tags[*]-} || $command == deploy ]] || wrong "--tag, --role-arn and --protect go with deploy"
  [[ ! $public || $command == deploy ]] || wrong "--public goes with deploy"
  [[ ! ${parameters[*]-} || $command == deploy ]] || wrong "--parameter goes with deploy"
}

main() {
  read_arguments "$@"
  export AWS_PAGER='' AWS_DEFAULT_OUTPUT=text
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap interrupted INT TERM
  check_tools
  check_region
  check_credentials
  packages=$(packages_bucket)
  "$command"
}

main "$@"
