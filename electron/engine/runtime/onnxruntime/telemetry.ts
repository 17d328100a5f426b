/**
 * Turns off the telemetry of ONNX Runtime: its releases for Linux and macOS queue events about the machine, the models
 * and the speed of every run in ~/.cache/Microsoft, and upload them. The variable is read once, by the native library,
 * when it is loaded; a worker thread has only a copy of the environment, so the thread that starts it sets it. On
 * Windows the events go to the system's diagnostics (ETW), which this does not affect.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 */
process.env.ORT_DISABLE_TELEMETRY = '1'
