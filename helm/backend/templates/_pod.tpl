{{/* While no ServiceMonitor names the service, annotations do. */}}
{{- define "backend.podAnnotations" -}}
{{- $scrape := dict -}}
{{- if not .Values.metrics.serviceMonitor.enabled -}}
{{- $scrape = dict "prometheus.io/scrape" "true" "prometheus.io/port" "8888" "prometheus.io/path" "/metrics" -}}
{{- end -}}
{{- include "backend.mergedStrings" (list .Values.podAnnotations $scrape) -}}
{{- end -}}

{{/* The hash makes each rollout spread on its own, not around the pods that it replaces. */}}
{{- define "backend.topologySpreadConstraints" -}}
{{- $constraints := list -}}
{{- $selector := dict
  "labelSelector" (dict "matchLabels" (include "backend.selectorLabels" . | fromYaml))
  "matchLabelKeys" (list "pod-template-hash") -}}
{{- range $constraint := .Values.topologySpreadConstraints -}}
{{- if not (hasKey $constraint "labelSelector") -}}
{{- $constraint = merge dict $constraint $selector -}}
{{- end -}}
{{- $constraints = append $constraints $constraint -}}
{{- end -}}
{{- if $constraints -}}
{{- toYaml $constraints -}}
{{- end -}}
{{- end -}}
