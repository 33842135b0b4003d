{{/* What selectors match. They are immutable: nothing here may depend on a version or a value. */}}
{{- define "backend.selectorLabels" -}}
{{- include "backend.componentLabels" (list . "server") -}}
{{- end -}}

{{/* The test's pod is no server: the Service must not send it requests. */}}
{{- define "backend.smokeSelectorLabels" -}}
{{- include "backend.componentLabels" (list . "smoke") -}}
{{- end -}}

{{- define "backend.componentLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels that say what runs. The pods carry no more: a new version of the chart alone does not replace them. */}}
{{- define "backend.versionLabels" -}}
app.kubernetes.io/part-of: backend-cloud-app
app.kubernetes.io/version: {{ include "backend.version" . | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{- define "backend.chartLabels" -}}
{{ include "backend.versionLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | quote }}
{{- end -}}

{{- define "backend.labels" -}}
{{- include "backend.labelsWith" (list . dict) -}}
{{- end -}}

{{/* Labels of an object. Called with a list of root and the user's labels for it, which go before all others. */}}
{{- define "backend.labelsWith" -}}
{{- $root := index . 0 -}}
{{- include "backend.mergedStrings" (list
  (index . 1)
  $root.Values.commonLabels
  (include "backend.selectorLabels" $root | fromYaml)
  (include "backend.chartLabels" $root | fromYaml)) -}}
{{- end -}}

{{- define "backend.podLabels" -}}
{{- include "backend.mergedStrings" (list
  .Values.podLabels
  .Values.commonLabels
  (include "backend.selectorLabels" . | fromYaml)
  (include "backend.versionLabels" . | fromYaml)) -}}
{{- end -}}

{{- define "backend.smokeLabels" -}}
{{- include "backend.mergedStrings" (list
  .Values.commonLabels
  (include "backend.smokeSelectorLabels" . | fromYaml)
  (include "backend.chartLabels" . | fromYaml)) -}}
{{- end -}}
