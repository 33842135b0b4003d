# shellcheck shell=bash
# What preflight asks the network: the zone and its CAA records, and whether the cluster's API can be reached from here.

check_zone() {
  local zone domain answer name servers delegated
  zone=$(tfvar route53_zone_id)
  domain=$(tfvar acm_domain_name)
  [ -n "$zone" ] || { skipped zone "no domain: the service has AWS's own name" && return; }
  answer=$(describe NoSuchHostedZone aws route53 get-hosted-zone --id "$zone" --query '[HostedZone.Name, DelegationSet.NameServers[]][]' --output text)
  if [ -z "$answer" ]; then
    failed zone "$zone is not in account $account" "take route53_zone_id in $tfvars from 'aws route53 list-hosted-zones'"
    return
  fi
  name=${answer%%[[:space:]]*}
  name=${name%.}
  case .$domain in
    *".$name") ;;
    *) failed zone "$domain is not in $name" "make acm_domain_name and route53_zone_id in $tfvars fit each other" && return ;;
  esac
  servers=$(tr '\t' '\n' <<<"$answer" | tail -n +2 | sort | tr '\n' ' ')
  delegated=$(dig +short +time=3 NS "$name" | sed 's/\.$//' | sort | tr '\n' ' ')
  if [ "$servers" = "$delegated" ]; then
    passed zone "$name is delegated to Route53"
  else
    failed zone "$name is delegated to '${delegated% }'" "at its registrar, name ${servers% }"
  fi
}

# The first name from the domain upwards that has CAA records decides who may issue.
check_caa() {
  local name records
  name=$(tfvar acm_domain_name)
  [ -n "$name" ] || { skipped caa "no domain" && return; }
  while case $name in *.*) ;; *) false ;; esac do
    records=$(dig +short +time=3 CAA "$name")
    [ -z "$records" ] || break
    name=${name#*.}
  done
  if [ -z "$records" ]; then
    passed caa "anybody may issue a certificate"
  elif grep -qE 'issue(wild)? "?(amazon|amazontrust|awstrust|amazonaws)\.com' <<<"$records"; then
    passed caa "$name lets Amazon issue"
  else
    failed caa "$name does not let Amazon issue a certificate" "add the record: $name CAA 0 issue \"amazon.com\""
  fi
}

# contains ADDRESS - whether one of the networks of standard input has that IPv4 address.
contains() {
  jq -Rne --arg address "$1" 'def number: split(".") | map(tonumber) | reduce .[] as $part (0; . * 256 + $part);
    any(inputs; split("/") as [$network, $bits] | pow(2; 32 - ($bits | tonumber)) as $size
      | (($address | number) / $size | floor) == (($network | number) / $size | floor))' >/dev/null
}

check_endpoint() {
  local address
  if [ -n "${CLUSTER_RUNNER:-}" ]; then
    passed endpoint "the cluster is reached from the runner $CLUSTER_RUNNER"
  elif [ -n "$cluster" ]; then
    if curl --silent --insecure --max-time 5 --output /dev/null "$cluster/livez"; then
      passed endpoint "$(cluster_name) answers here"
    else
      failed endpoint "$(cluster_name) does not answer here" "add your network to cluster_public_access_cidrs in $tfvars, or set CLUSTER_RUNNER: docs/deploy.md"
    fi
  elif [ -n "${GITHUB_ACTIONS:-}" ]; then
    failed endpoint "the cluster will be private and CLUSTER_RUNNER is not set" "docs/deploy.md, a private cluster from GitHub"
  else
    address=$(curl --silent --max-time 5 https://checkip.amazonaws.com || true)
    if [ -z "$address" ]; then
      skipped endpoint "this machine's address on the internet is not known"
    elif tfvar cluster_public_access_cidrs | contains "$address"; then
      passed endpoint "$address may reach the cluster's API"
    else
      failed endpoint "$address will not reach the cluster's API" "add \"$address/32\" to cluster_public_access_cidrs in $tfvars"
    fi
  fi
}
