// Runs a declarative Jenkinsfile without Jenkins: its stages in order, `sh` by the shell of this machine, the rest printed.
// usage: groovy jenkins.groovy Jenkinsfile
class Build { String currentResult = 'SUCCESS' }

class Pipeline {
  Build currentBuild = new Build()

  void run(Closure body) { body.delegate = this; body.resolveStrategy = Closure.DELEGATE_FIRST; body.call() }

  void pipeline(Closure body) { run(body); println "result: ${currentBuild.currentResult}" }
  void agent(Closure body) { run(body) }
  void label(String name) { println "agent: ${name}" }
  void options(Closure body) { run(body) }
  void timeout(Map limit) { println "timeout: ${limit.time} ${limit.unit}" }
  void stages(Closure body) { run(body) }
  void stage(String name, Closure body) {
    println "stage: ${name}"
    try { run(body) } catch (InterruptedException skipped) { println "skipped: ${name}" }
  }
  void when(Closure body) { run(body) }
  void expression(Closure body) {
    body.delegate = this
    if (!body.call()) throw new InterruptedException()
  }
  void steps(Closure body) {
    if (currentBuild.currentResult == 'FAILURE') return
    try { run(body) } catch (IllegalStateException failed) {
      println "error: ${failed.message}"
      currentBuild.currentResult = 'FAILURE'
    }
  }
  void script(Closure body) { run(body) }
  void post(Closure body) { run(body) }
  void always(Closure body) { run(body) }

  def sh(Map step) { shell(step.script) }
  def sh(String command) { if (shell(command) != 0) error(command) }
  private int shell(String command) {
    def process = ['sh', '-c', command].execute()
    process.waitForProcessOutput(System.out, System.err)
    process.exitValue()
  }
  void error(String message) { throw new IllegalStateException(message) }
  void unstable(String message) { println "unstable: ${message}"; currentBuild.currentResult = 'UNSTABLE' }

  void junit(Map what) { println "junit: ${what.testResults}" }
  void recordIssues(Map what) { println "recordIssues: ${what.tools}" }
  def sarif(Map what) { what.pattern }
  void archiveArtifacts(Map what) { println "archive: ${what.artifacts}" }
}

def script = new GroovyShell(new Binding()).parse(new File(args[0]))
def pipeline = new Pipeline()
script.metaClass.methodMissing = { String name, arguments -> pipeline.invokeMethod(name, arguments) }
script.metaClass.propertyMissing = { String name -> pipeline."${name}" }
script.run()
