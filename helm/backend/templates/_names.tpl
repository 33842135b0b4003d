{{/*
Name of every object: the release's, with the chart's when that is not part of it already. A Service's name must not
begin with a digit, so the chart's comes first where the release's does.
*/}}
{{- define "backend.fullname" -}}
{{- $names := list .Release.Name .Chart.Name -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- $names = list .Release.Name -}}
{{- else if regexMatch "^[0-9]" .Release.Name -}}
{{- $names = list .Chart.Name .Release.Name -}}
{{- end -}}
{{- join "-" $names | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* `<environment>-<suffix>`, or the suffix alone without an environment. Called with a list of root and suffix. */}}
{{- define "backend.environmentName" -}}
{{- $root := index . 0 -}}
{{- list $root.Values.environment (index . 1) | compact | join "-" -}}
{{- end -}}

{{- define "backend.serviceAccountName" -}}
{{- if .Values.serviceAccount.name -}}
{{- .Values.serviceAccount.name -}}
{{- else if .Values.serviceAccount.create -}}
{{- include "backend.environmentName" (list . (printf "%s-sa" (include "backend.fullname" .))) -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{/* Job of the service's series in Prometheus: the operator takes the Service's name. */}}
{{- define "backend.metricsJob" -}}
{{- .Values.metrics.prometheusRule.job | default (include "backend.fullname" .) -}}
{{- end -}}
