{{/* Host names of the ingress, as JSON. */}}
{{- define "backend.ingressHosts" -}}
{{- prepend .Values.ingress.hosts .Values.ingress.host | compact | uniq | toJson -}}
{{- end -}}

{{/*
What the AWS load balancer must have to be in step with the pods, by annotation, as JSON. It lets go of a stopping pod no
later than the pod lets go of its requests, and it closes an idle connection before the pod does.
*/}}
{{- define "backend.albAttributes" -}}
{{- dict
  "alb.ingress.kubernetes.io/load-balancer-attributes" (dict
    "key" "idle_timeout.timeout_seconds" "value" (int .Values.ingress.idleTimeoutSeconds) "from" "ingress.idleTimeoutSeconds")
  "alb.ingress.kubernetes.io/target-group-attributes" (dict
    "key" "deregistration_delay.timeout_seconds" "value" (int .Values.drain.timeoutSeconds) "from" "drain.timeoutSeconds")
  | toJson -}}
{{- end -}}

{{/*
Who reaches a load balancer, and by which ports, as annotations in JSON, of a list of the root and the scheme. The internal one
listens on one port only: a prefix list counts with all of its entries for each port, and a security group takes 60.
*/}}
{{- define "backend.albListeners" -}}
{{- $ingress := (index . 0).Values.ingress -}}
{{- $internal := eq (index . 1) "internal" -}}
{{- $alb := "alb.ingress.kubernetes.io/" -}}
{{- $ports := $ingress.tls | ternary ($internal | ternary `[{"HTTPS": 443}]` `[{"HTTP": 80}, {"HTTPS": 443}]`) `[{"HTTP": 80}]` -}}
{{- $annotations := dict (print $alb "scheme") (index . 1) (print $alb "listen-ports") $ports -}}
{{- if and $ingress.tls (not $internal) -}}
{{- $_ := set $annotations (print $alb "ssl-redirect") "443" -}}
{{- end -}}
{{- if and $internal $ingress.prefixLists -}}
{{- $_ := set $annotations (print $alb "security-group-prefix-lists") (join "," $ingress.prefixLists) -}}
{{- end -}}
{{- if and $ingress.tls $ingress.acmCertificateArn -}}
{{- $_ := set $annotations (print $alb "certificate-arn") $ingress.acmCertificateArn -}}
{{- end -}}
{{- toJson $annotations -}}
{{- end -}}

{{/*
Annotations of the ingress, as YAML, of a list of the root and the scheme. Those of the AWS load balancer controller are for its classes only, and nginx's
rewrite-target is left out, since it would send every path to the one that it names.
*/}}
{{- define "backend.ingressAnnotations" -}}
{{- $scheme := index . 1 -}}
{{- with index . 0 -}}
{{- $aws := eq .Values.ingress.controller "aws" -}}
{{- $annotations := dict -}}
{{- range $key, $value := .Values.ingress.annotations -}}
{{- if and (ne $key "nginx.ingress.kubernetes.io/rewrite-target") (or $aws (not (hasPrefix "alb.ingress.kubernetes.io/" $key))) -}}
{{- $_ := set $annotations $key $value -}}
{{- end -}}
{{- end -}}
{{- $ours := dict -}}
{{- if $aws -}}
{{- $ours = include "backend.albListeners" (list . $scheme) | fromJson -}}
{{- range $annotation, $attribute := include "backend.albAttributes" . | fromJson -}}
{{- $given := list -}}
{{- range splitList "," (get $annotations $annotation | default "" | toString) -}}
{{- $given = append $given (trim .) -}}
{{- end -}}
{{- $pair := printf "%s=%d" $attribute.key (int $attribute.value) -}}
{{- $_ := set $annotations $annotation (append $given $pair | compact | uniq | join ",") -}}
{{- end -}}
{{- end -}}
{{- include "backend.mergedStrings" (list $annotations $ours) -}}
{{- end -}}
{{- end -}}
