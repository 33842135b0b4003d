{{/* Name of every object: the release's, with the chart's when that is not part of it already. */}}
{{- define "dynamodb-local.fullname" -}}
{{- $names := list .Release.Name .Chart.Name -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- $names = list .Release.Name -}}
{{- else if regexMatch "^[0-9]" .Release.Name -}}
{{- /* A Service's name must not begin with a digit. */ -}}
{{- $names = list .Chart.Name .Release.Name -}}
{{- end -}}
{{- join "-" $names | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "dynamodb-local.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: store
{{- end -}}

{{- define "dynamodb-local.testSelectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: test
{{- end -}}

{{- define "dynamodb-local.commonLabels" -}}
app.kubernetes.io/part-of: backend-cloud-app
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | quote }}
{{- end -}}

{{- define "dynamodb-local.labels" -}}
{{ include "dynamodb-local.selectorLabels" . }}
{{ include "dynamodb-local.commonLabels" . }}
{{- end -}}

{{- define "dynamodb-local.image" -}}
{{- with .Values.image -}}
{{- .digest | empty | ternary (printf "%s:%s" .name .tag) (printf "%s:%s@%s" .name .tag .digest) -}}
{{- end -}}
{{- end -}}

{{- define "dynamodb-local.backendImage" -}}
{{- printf "%s:%s" .Values.backend.image.name (.Values.backend.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{/* The service's settings for this store. Called with a list of root and host. */}}
{{- define "dynamodb-local.backendEnv" -}}
{{- $root := index . 0 -}}
- name: STORE
  value: dynamodb
- name: DYNAMODB_ENDPOINT
  value: http://{{ index . 1 }}:8000
- name: DYNAMODB_TABLE
  value: {{ $root.Values.table | quote }}
- name: AWS_REGION
  value: {{ $root.Values.region | quote }}
# DynamoDB Local wants credentials, and takes any.
- name: AWS_ACCESS_KEY_ID
  value: fake
- name: AWS_SECRET_ACCESS_KEY
  value: fake
{{- end -}}

{{/* As Pod Security "restricted" asks, and as the backend's own. */}}
{{- define "dynamodb-local.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "dynamodb-local.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end -}}

{{/* Where the pods run, and with which registry's secrets. */}}
{{- define "dynamodb-local.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
