{{/* What selects the release's series, as Prometheus has them: the target's labels, and the service's own `endpoint`. */}}
{{- define "backend.rules.source" -}}
job={{ include "backend.metricsJob" . | quote }},namespace={{ .Release.Namespace | quote }}
{{- end -}}

{{- define "backend.rules.greetings" -}}
{{ include "backend.rules.source" . }},endpoint="/hello/{username}"
{{- end -}}

{{/*
The two objectives, as JSON: of `all` requests some are `bad`, both counters summed by AGGREGATE over WINDOW. A request
that the client left (499) is not bad, and has no duration.
*/}}
{{- define "backend.rules.objectives" -}}
{{- $greetings := include "backend.rules.greetings" . -}}
{{- $latency := .Values.objectives.latency -}}
{{- $sum := "sum(AGGREGATE(%s{%s}[WINDOW]))" -}}
{{- $durations := printf $sum "http_request_duration_seconds_count" $greetings -}}
{{- $inTime := printf $sum "http_request_duration_seconds_bucket" (printf "%s,le=%q" $greetings (toString $latency.thresholdSeconds)) -}}
{{- list
  (dict
    "alert" "BackendAvailabilityBudgetBurn"
    "record" "backend:http_errors:ratio_rate"
    "target" .Values.objectives.availability.target
    "bad" (printf $sum "http_errors_total" (printf "%s,status=~\"5..\"" $greetings))
    "all" (printf $sum "http_requests_total" $greetings)
    "how" "fail")
  (dict
    "alert" "BackendLatencyBudgetBurn"
    "record" "backend:http_slow_requests:ratio_rate"
    "target" $latency.target
    "bad" (printf "(%s - %s)" $durations $inTime)
    "all" $durations
    "how" (printf "take over %v s" $latency.thresholdSeconds))
  | toJson -}}
{{- end -}}

{{/* Labels that alerts and recorded series keep of those they are made from. */}}
{{- define "backend.rules.labels" -}}
job: {{ include "backend.metricsJob" . | quote }}
namespace: {{ .Release.Namespace | quote }}
{{- end -}}

{{/* Where docs/operations.md says what to do. Called with a list of root and alert. */}}
{{- define "backend.rules.runbook" -}}
{{- $root := index . 0 -}}
{{- $page := $root.Values.metrics.prometheusRule.runbookUrl | default (printf "%s/blob/main/docs/operations.md" $root.Chart.Home) -}}
runbook_url: {{ printf "%s#%s" $page (index . 1 | lower) | quote }}
{{- end -}}

{{/* The share of bad requests over each window that a burn rate looks at. */}}
{{- define "backend.rules.ratios" -}}
{{- $windows := list -}}
{{- range .Values.objectives.burnRates -}}
{{- $windows = append (append $windows .shortWindow) .longWindow | uniq -}}
{{- end -}}
{{- range $objective := include "backend.rules.objectives" . | fromJsonArray -}}
{{- range $windows }}
- record: {{ $objective.record }}{{ . }}
  expr: |-
    {{ $objective.bad | replace "AGGREGATE" "rate" | replace "WINDOW" . }}
    / {{ $objective.all | replace "AGGREGATE" "rate" | replace "WINDOW" . }}
  labels:
    {{- include "backend.rules.labels" $ | nindent 4 }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "backend.rules.burns" -}}
{{- $source := include "backend.rules.source" . -}}
{{- range $objective := include "backend.rules.objectives" . | fromJsonArray -}}
{{- range $.Values.objectives.burnRates }}
{{- $threshold := divf (mulf .rate (subf 100 $objective.target)) 100 }}
- alert: {{ $objective.alert }}
  expr: |-
    {{ $objective.record }}{{ .longWindow }}{ {{- $source -}} } > {{ $threshold }}
    and {{ $objective.record }}{{ .shortWindow }}{ {{- $source -}} } > {{ $threshold }}
    and on () {{ $objective.bad | replace "AGGREGATE" "increase" | replace "WINDOW" .longWindow }} >= {{ $.Values.objectives.minimumBadRequests }}
  labels:
    severity: {{ .severity }}
    window: {{ .longWindow }}
  annotations:
    summary: Too many greetings {{ $objective.how }}
    description: >-
      {{ "{{ $value | humanizePercentage }}" }} of the requests of the last {{ .longWindow }} {{ $objective.how }}: the error
      budget burns over {{ .rate }} times as fast as the objective of {{ $objective.target }} % allows.
    {{ include "backend.rules.runbook" (list $ $objective.alert) }}
{{- end -}}
{{- end -}}
{{- end -}}
