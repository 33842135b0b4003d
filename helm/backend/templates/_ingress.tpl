{{/*
Annotations of the ingress, as YAML. Those of the AWS load balancer controller are for its class only, and nginx's
rewrite-target is left out, since it would send every path to the one that it names.
*/}}
{{- define "backend.ingressAnnotations" -}}
{{- $annotations := dict -}}
{{- if eq .Values.ingress.className "alb" -}}
{{- with .Values.ingress.acmCertificateArn -}}
{{- $_ := set $annotations "alb.ingress.kubernetes.io/certificate-arn" . -}}
{{- end -}}
{{- $_ := set $annotations "alb.ingress.kubernetes.io/load-balancer-attributes"
  (printf "idle_timeout.timeout_seconds=%d" (int .Values.ingress.idleTimeoutSeconds)) -}}
{{- /* The load balancer lets go of a stopping pod no later than the pod lets go of its requests. */ -}}
{{- $_ := set $annotations "alb.ingress.kubernetes.io/target-group-attributes"
  (printf "deregistration_delay.timeout_seconds=%d" (int .Values.drain.timeoutSeconds)) -}}
{{- end -}}
{{- range $key, $value := .Values.ingress.annotations -}}
{{- $dropped := or
  (and (hasPrefix "alb.ingress.kubernetes.io/" $key) (ne $.Values.ingress.className "alb"))
  (eq $key "nginx.ingress.kubernetes.io/rewrite-target") -}}
{{- if not $dropped -}}
{{- $_ := set $annotations $key (toString $value) -}}
{{- end -}}
{{- end -}}
{{- if $annotations -}}
{{- toYaml $annotations -}}
{{- end -}}
{{- end -}}
