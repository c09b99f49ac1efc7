#!/bin/sh
# How the service is started.
export HCCL_BUFFSIZE=200            # a comment
export TASK_QUEUE_ENABLE="2"; export OMP_NUM_THREADS='8'
export LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH
declare -x MULTI="first
second"
declare -x PRICE="5\$"
export TASK_QUEUE_ENABLE=1
vllm serve model --host 10.0.0.1
