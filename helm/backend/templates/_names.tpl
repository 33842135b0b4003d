{{/* Name of every object: the release's, with the chart's when that is not part of it already. */}}
{{- define "backend.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* `<environment>-<suffix>`, or the suffix alone without an environment. Called with a list of root and suffix. */}}
{{- define "backend.environmentName" -}}
{{- $root := index . 0 -}}
{{- list $root.Values.environment (index . 1) | compact | join "-" -}}
{{- end -}}

{{- define "backend.serviceAccountName" -}}
{{- include "backend.environmentName" (list . "backend-sa") -}}
{{- end -}}

{{/* What selectors match. They are immutable: nothing here may depend on a version or a value. */}}
{{- define "backend.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end -}}

{{/* The test's pod is no server: the Service must not send it requests. */}}
{{- define "backend.smokeSelectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: smoke
{{- end -}}

{{/* Labels that say what runs. The pods carry no more: a new version of the chart alone does not replace them. */}}
{{- define "backend.versionLabels" -}}
app.kubernetes.io/part-of: backend-cloud-app
app.kubernetes.io/version: {{ include "backend.version" . | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{- define "backend.commonLabels" -}}
{{ include "backend.versionLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{- define "backend.labels" -}}
{{ include "backend.selectorLabels" . }}
{{ include "backend.commonLabels" . }}
{{- end -}}

{{- define "backend.smokeLabels" -}}
{{ include "backend.smokeSelectorLabels" . }}
{{ include "backend.commonLabels" . }}
{{- end -}}
