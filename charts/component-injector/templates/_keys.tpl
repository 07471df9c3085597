{{/* A line for each value that files/keys.json, made of the schema, does not have. The schema could
     refuse them too, but cannot say which one was meant. */}}
{{- define "ci.unknownKeys" -}}
{{- $here := . }}
{{- range $key, $value := .values }}
{{- if not (hasKey $here.known $key) }}
{{ printf "%s%s: there is no such value; the nearest is %s%s" $here.path $key $here.path (include "ci.nearest" (dict "word" $key "words" (keys $here.known | sortAlpha))) }}
{{- else if and (get $here.known $key) (kindIs "map" $value) }}
{{- include "ci.unknownKeys" (dict "values" $value "known" (get $here.known $key) "path" (printf "%s%s." $here.path $key)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The word that shares most letters, and pairs of them, with the given one, for its length. */}}
{{- define "ci.nearest" -}}
{{- $word := lower .word }}
{{- $best := "" }}
{{- $most := -1 }}
{{- range $candidate := .words }}
{{- $other := lower $candidate }}
{{- $shared := 0 }}
{{- $before := "" }}
{{- range $letter := splitList "" $word }}
{{- if contains $letter $other }}{{ $shared = add $shared 1 }}{{ end }}
{{- if and $before (contains (print $before $letter) $other) }}{{ $shared = add $shared 2 }}{{ end }}
{{- $before = $letter }}
{{- end }}
{{- $score := div (mul 100 $shared) (add (len $word) (len $other)) }}
{{- if gt (int $score) (int $most) }}
{{- $most = $score }}
{{- $best = $candidate }}
{{- end }}
{{- end }}
{{- $best }}
{{- end }}
