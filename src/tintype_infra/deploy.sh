#!/usr/bin/env bash
# Usage: ./deploy.sh [deploy | outputs | empty | destroy] [OPTIONS | --help] [-- OPTIONS OF create-change-set]
#   deploy     create the stack, or update it to this release and these parameters; the default
#   outputs    print the stack's URLs and names, one NAME<tab>VALUE per line
#   empty      empty its buckets; if the stack is gone, delete the buckets and tables that it left
#   destroy    remove the stack; its images are kept without --delete-images
#   --stack NAME           the stack's name; default tintype
#   --region REGION        default: AWS_REGION, AWS_DEFAULT_REGION, or the region of the profile (AWS_PROFILE)
#   --parameter KEY=VALUE  deploy: a setting, e.g. AlarmEmail=me@example.com; may be repeated. Settings you omit
#                          revert to the release's default, even if you set them last time
#   --public               deploy: open the stack to everyone, without sign-in (AccessMode=open)
#   --allow-loss           deploy: with --yes, continue even if data or messages would be lost
#   --delete-images        destroy: delete the images as well
#   --yes                  do not ask for confirmation; required without a terminal
#   -- OPTIONS             deploy: passed to `aws cloudformation create-change-set`, e.g. -- --tags Key=team,Value=web
# It shows all changes and asks before it makes any. Exit status: 0 done, 1 not done, 2 wrong arguments.

# Requires bash 3.2 and the AWS CLI, version 1 or 2. docs/explanation/decisions/0019 lists what only `tintype deploy` does.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
open_to_all="There is no sign-in: anyone who knows its address can do what [access] anyone allows, by default see every image and upload more."
is_ours="Parameters[?ParameterKey=='PageSources']|[0].ParameterKey"  # unique to Tintype's template
generation_of="Parameters[?ParameterKey=='SigningKeyGeneration']|[0].ParameterValue"
fail() { printf '✗ %s: %s\n' "$1" "${*:2}" >&2 && exit 1; }  # CODE MESSAGE...: docs/reference/errors.md explains the code
wrong() { printf '✗ wrong_arguments: %s; see ./deploy.sh --help\n' "$1" >&2 && exit 2; }
refused() { fail aws_refused "$(awk 'NF { last = $0 } END { print last }' "$work/said")"; }  # AWS's last message
interrupted() { [ "$1" -ne 130 ] || { kill -INT $$ && exit 130; }; }  # STATUS: end as Ctrl-C has ended the AWS CLI
call() { aws "$@" 2>"$work/said" </dev/null || { interrupted $? && refused; }; }
stacks() { call cloudformation "$1" --stack-name "${stack_id:-$stack}" "${@:2}"; }  # OPERATION ARGUMENTS...
fact() { sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$here/release.json" | head -n 1; }
default() { sed -n "/^ *\"$1\": {\$/,/}/s/^ *\"Default\": \"\{0,1\}\([a-z0-9]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$here/$(fact template)"; }
outputs() { stacks describe-stacks --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]'; }
output() { awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$work/outputs"; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
is_bucket() { there s3api head-bucket --bucket "$1" --expected-bucket-owner "$account"; }  # of this account

there() {  # ARGUMENTS...: whether AWS has the resource, described in $work/there; fail if access is denied
  if aws "$@" >"$work/there" 2>"$work/said" </dev/null; then return; else interrupted $?; fi
  grep -qE 'Not Found|ResourceNotFound|does not exist' "$work/said" || refused
  return 1
}

confirm() {  # continue only after a yes
  if [[ ! $yes && -t 0 ]]; then read -r -p 'Do it? [y/N] ' yes || :; fi
  [[ $yes == [yY]* ]] || fail not_confirmed "nothing was changed; without a terminal, pass --yes to confirm"
}

look() {  # set the stack's ID, status and protection; fail unless it is an idle Tintype stack
  there cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].[StackId,StackStatus,EnableTerminationProtection,$is_ours,$generation_of]" || return 0
  IFS=$'\t' read -r stack_id status protected ours generation <"$work/there"
  if [[ $status == REVIEW_IN_PROGRESS ]]; then stack_id='' && return; fi  # only a change set exists
  [[ $ours == PageSources ]] || fail not_a_tintype "the stack $stack in $region is not a Tintype; choose another name with --stack"
  [[ $status != *_IN_PROGRESS ]] || fail stack_busy "the stack $stack is $status: another change is in progress; try again later"
}

watch() {  # GOOD CODE: wait until the stack is idle; unless its status matches GOOD, list this run's failures
  echo "CloudFormation is working, and continues if you stop this script"
  while status=$(stacks describe-stacks --query 'Stacks[0].StackStatus') && [[ $status == *_PROGRESS ]]; do sleep 2; done
  if [[ $status =~ $1 ]]; then return; fi
  stacks describe-stack-events --query "StackEvents[?ClientRequestToken=='$run'&&ends_with(ResourceStatus,'_FAILED')]
    .[LogicalResourceId,ResourceType,ResourceStatusReason]" >&2
  fail "$2" "the stack is $status; the reasons are above, and the last one is usually the cause"
}

undo() {  # on exit: delete the change set, and a stack created only for it
  if [[ ! $change_set ]]; then return; fi
  aws cloudformation delete-change-set --change-set-name "$change_set"
  [[ $(aws cloudformation describe-stacks --stack-name "$stack_id" --query 'Stacks[0].StackStatus') != REVIEW* ||
    $(aws cloudformation list-change-sets --stack-name "$stack_id" --query 'length(Summaries)') != 0 ]] ||
    aws cloudformation delete-stack --stack-name "$stack_id"
} >/dev/null 2>&1

ask() {  # ARGUMENTS...: create a change set named $run and show its changes; return whether there are any
  stacks create-change-set --change-set-name "$run" --query '[Id,StackId]' "$@" \
    --change-set-type "$([[ $stack_id ]] && echo UPDATE || echo CREATE)" >"$work/asked"
  read -r change_set stack_id <"$work/asked"
  aws cloudformation wait change-set-create-complete --change-set-name "$change_set" 2>/dev/null || :
  reason=$(stacks describe-change-set --change-set-name "$change_set" --no-paginate --query '[Status,StatusReason]')
  if [[ $reason == *"contain changes"* || $reason == *"No updates"* ]]; then echo "No changes" && return 1; fi
  [[ $reason == CREATE_COMPLETE* ]] || fail change_set_failed "CloudFormation refuses the template or a parameter: $reason"
  # "Conditional" covers every reference to a changing resource; only a change of these names really replaces.
  stacks describe-change-set --change-set-name "$change_set" --output table --query "Changes[].ResourceChange.[Action,
    LogicalResourceId,ResourceType,Replacement,contains('AWS::S3::Bucket AWS::SQS::Queue AWS::DynamoDB::Table
    AWS::Cognito::UserPool AWS::Cognito::UserPoolGroup',ResourceType)
    &&!contains(PolicyAction||'-','Retain')&&(Action=='Remove'||Replacement=='True'||Action=='Modify'&&Details[?
    Target.RequiresRecreation!='Never'&&contains('BucketName TableName KeySchema QueueName FifoQueue GroupName',Target.Name||'-')])
    &&'WHAT IS IN IT WOULD BE LOST'||'']" >"$work/changes"
  cat "$work/changes"
  [[ ! $yes || $allow_loss ]] || ! grep -q LOST "$work/changes" ||
    fail loss_not_allowed "nothing was changed; pass --allow-loss to continue anyway"
}

deploy() {  # ARGUMENTS... of create-change-set
  (cd "$here" && sha256 -c SHA256SUMS) >"$work/sums" 2>&1 ||
    fail release_damaged "these files differ from the release: $(sed -n 's/: FAILED.*//p' "$work/sums" | tr '\n' ' ')"
  [[ ! $public ]] || mode=open parameters+=("ParameterKey=AccessMode,ParameterValue=open")
  mode=${mode:-$(default AccessMode)}
  case $mode in open | cognito | oidc) ;; *) fail public_stack "'$mode' is no access mode of the template, so the stack may be open" ;; esac
  if [[ $mode != open ]]; then open_to_all=''; else [[ $public ]] || fail public_stack "$open_to_all Pass --public to confirm"; fi
  key=templates/$(sha256 <"$here/$(fact template)" | cut -d ' ' -f 1).json
  look
  [[ "${parameters[*]-}" == *=SigningKeyGeneration,* || ! $generation =~ ^[0-9]+$ ]] ||
    ((generation <= $(default SigningKeyGeneration))) ||  # signing keys never go back to the release's default
    parameters+=("ParameterKey=SigningKeyGeneration,ParameterValue=$generation")
  echo "Tintype $(fact version) → stack $stack in $region of account $account. $open_to_all"
  is_bucket "$packages" || call s3 mb "s3://$packages"
  call s3 sync --no-progress --size-only "$here/packages" "s3://$packages"
  call s3 cp --only-show-errors "$here/$(fact template)" "s3://$packages/$key"
  if ask --template-url "https://s3.$region.amazonaws.com/$packages/$key" --capabilities CAPABILITY_IAM "$@" \
    --parameters "ParameterKey=PackagesBucket,ParameterValue=$packages" ${parameters[@]+"${parameters[@]}"}; then
    confirm
    stacks execute-change-set --change-set-name "$change_set" --retain-except-on-create --client-request-token "$run"
    watch '^(CREATE|UPDATE)_COMPLETE$' deployment_failed
  fi
  outputs >"$work/outputs"
  [[ ! -s $here/site.tsv ]] || publish "s3://$(output SiteBucket)"
  echo "Page $(output CdnUrl), API $(output ApiUrl), GraphQL $(output GraphqlUrl). $open_to_all"
}

publish() {  # PLACE: upload the page; the index comes last, so that all files it refers to exist
  cat >"$work/config.json" <<JSON
{"apiUrl":"/api","graphqlUrl":"$(output GraphqlUrl)","realtimeUrl":"$(output GraphqlRealtimeUrl)","apiKey":"$(output GraphqlApiKey)",
"region":"$(output Region)","originalsReadable":"$(output OriginalsReadable)","maxBytes":$(fact maxBytes),
"access":"$(output Access)","accessMode":"$(output AccessMode)","anyone":"$(output Anyone)","visibility":"$(output Visibility)","delivery":{"unsigned":"$(output DeliveryUnsigned)","widths":"$(output DeliveryWidths)"},
"signIn":{"issuer":"$(output SignInIssuer)","clientId":"$(output SignInClientId)","url":"$(output SignInUrl)",
"scope":"$(output SignInScope)","audience":"$(output SignInAudience)"}}
JSON
  call s3 cp "$work/config.json" "$1/" --only-show-errors --content-type application/json --cache-control no-cache
  while IFS=$'\t' read -r path type cache; do
    call s3 cp "$here/site/$path" "$1/$path" --only-show-errors --content-type "$type" --cache-control "$cache"
  done <"$here/site.tsv"
}

data() {  # print type and name of the stack's buckets, tables and user pool, or of those left by deleted stacks with its name
  if [[ $stack_id ]]; then
    stacks list-stack-resources --query 'StackResourceSummaries[].[ResourceType,PhysicalResourceId]'
  elif [[ $delete_images ]]; then
    former=$(call cloudformation list-stacks --stack-status-filter DELETE_COMPLETE \
      --query "StackSummaries[?StackName=='$stack'].[StackId]")
    for id in ${former//None/}; do
      ours=$(call cloudformation describe-stacks --stack-name "$id" --query "Stacks[0].$is_ours")
      [[ $ours != PageSources ]] || call cloudformation describe-stack-events --stack-name "$id" \
        --query "StackEvents[?ResourceStatus=='DELETE_SKIPPED'].[ResourceType,PhysicalResourceId]"
    done
  fi | awk '$1 ~ /::(Bucket|Table|UserPool)$/' | sort -u | while read -r type name; do  # some may have been deleted by hand
    case $type in
      *Bucket) is_bucket "$name" ;;
      *Table) there dynamodb describe-table --table-name "$name" ;;
      *) [[ $stack_id ]] ;;  # a pool; a former stack's is not looked for
    esac || continue
    printf '%s\t%s\n' "$type" "$name"
  done
}

empty_bucket() {  # NAME: delete all versions of all objects, a page at a time
  while call s3api list-object-versions --bucket "$1" --expected-bucket-owner "$account" --no-paginate --output json \
    --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}' >"$work/page.json" &&
    grep -q '"Key"' "$work/page.json"; do
    call s3api delete-objects --bucket "$1" --expected-bucket-owner "$account" --delete "file://$work/page.json" \
      --query 'Errors[].Message' >"$work/refusals"
    ! grep -v '^None$' "$work/refusals" >"$work/said" || refused
  done
}

destroy() {  # destroy, or only empty
  look
  [[ $protected != True || $emptying ]] || fail stack_protected "disable termination protection first: aws cloudformation" \
    "update-termination-protection --no-enable-termination-protection --stack-name $stack --region $region"
  [[ ! $stack_id ]] || tables=$(stacks get-template --query \
    "TemplateBody.Resources.*|[?Type=='AWS::DynamoDB::Table'&&DeletionPolicy!='Retain'].Type")
  [[ $delete_images || ! $tables ]] ||
    fail loss_not_allowed "the stack was deployed without keep_data, so its images would be deleted; pass --delete-images to confirm"
  data >"$work/data"
  awk -v all="$delete_images" -v people="$tables" '($1 ~ /UserPool$/ ? people : all) || $2 ~ /^tintype-site-/' \
    "$work/data" >"$work/doomed"  # a pool goes with a stack without keep_data, and never otherwise
  [[ $emptying ]] || ! is_bucket "$packages" || printf 'AWS::S3::Bucket\t%s\n' "$packages" >>"$work/doomed"
  [[ $emptying || ! $stack_id ]] || printf 'AWS::CloudFormation::Stack\t%s\n' "$stack_id" >>"$work/doomed"
  if [[ ! -s $work/doomed ]]; then echo "The stack $stack in $region has nothing to delete" && return; fi
  echo "TO BE DELETED PERMANENTLY, with all content:" && cat "$work/doomed"
  echo "To be kept:" && grep -vxFf "$work/doomed" "$work/data" || echo "nothing"
  confirm
  while read -r type name; do [[ $type != *Bucket ]] || empty_bucket "$name"; done <"$work/doomed"
  if [[ $stack_id && $emptying ]]; then return; fi
  if [[ $stack_id ]]; then stacks delete-stack --client-request-token "$run" && watch '^DELETE_COMPLETE$' left_behind; fi
  while read -r type name; do  # including anything added meanwhile
    [[ $type != *Table ]] || there dynamodb delete-table --table-name "$name" || :
    if [[ $type == *Bucket ]] && is_bucket "$name"; then empty_bucket "$name" && call s3api delete-bucket --bucket "$name"; fi
  done <"$work/doomed"
}

command=deploy stack=tintype region='' yes='' public='' allow_loss='' delete_images='' emptying='' mode='' parameters=()
stack_id='' status='' protected='' generation='' change_set='' tables='' run=tintype-$(date -u +%Y%m%dT%H%M%SZ)-$RANDOM$RANDOM
while (($#)); do
  case $1 in
    deploy | outputs | destroy) command=$1 ;;
    empty) command=destroy delete_images=yes emptying=yes ;;
    --public | --yes | --allow-loss | --delete-images) option=${1#--} && printf -v "${option//-/_}" yes ;;
    --stack) stack=${2-} && shift ;;
    --region) region=${2-} && shift ;;
    --parameter)
      [[ ${2-} == ?*=* ]] || wrong "'${2-}' is not KEY=VALUE"
      [[ $2 != AccessMode=* ]] || mode=${2#*=}
      parameters+=("ParameterKey=${2%%=*},ParameterValue=\"$(printf '%s' "${2#*=}" | sed 's/["\\]/\\&/g')\"") && shift ;;
    --) shift && break ;;
    --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" && exit ;;
    *) wrong "unknown argument '$1'" ;;
  esac
  shift || :
done
[[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] || wrong "'$stack' is not a valid stack name"
[[ ! $public || ! $mode ]] || wrong "--public is AccessMode=open; leave out one of them"
[[ ! $delete_images || $command == destroy ]] || wrong "--delete-images is only for destroy"
work=$(mktemp -d) && trap 'undo; rm -rf "$work"' EXIT
command -v aws >/dev/null || fail no_aws_cli "the AWS CLI is not on the PATH; install it from https://aws.amazon.com/cli"
region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || :)}}}
[[ $region ]] || fail no_region "no region; give --region, set AWS_REGION, or give the profile one"
export AWS_PAGER='' AWS_DEFAULT_OUTPUT=text AWS_REGION=$region AWS_DEFAULT_REGION=$region  # version 1 reads only the last
account=$(aws sts get-caller-identity --query Account) || fail no_credentials "run aws configure, or set AWS_PROFILE"
packages=$stack-packages-$account-$region
"$command" "$@"
